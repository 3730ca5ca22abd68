import { useLocation } from "react-router";
import { UrgentBanner } from "../features/urgent/UrgentBanner";
import { usePreferences } from "../ipc/queries";
import { useSigned } from "./SignedIn";

/** A new urgent case is seen and heard on every screen, by whoever works here. */
export function UrgentNews() {
  const { person } = useSigned();
  const { pathname } = useLocation();
  const preferences = usePreferences();
  if (person.role === "PATIENT") return null;
  return <UrgentBanner listed={pathname === "/urgent"} sound={preferences.data?.urgent_sound !== false} />;
}
