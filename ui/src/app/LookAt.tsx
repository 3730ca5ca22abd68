import { useMatch } from "react-router";
import { useLookAt } from "../ipc/analysing";
import { usePatientInContext } from "./usePatientInContext";

/** Tells the core whose screen is shown, so that what waits of theirs is analysed first. Shows nothing. */
export function LookAt() {
  const patient = usePatientInContext();
  const onPhoto = Boolean(useMatch("/photos/:photoId"));
  // Whose a photo is comes with the photo: until then the last one stays.
  useLookAt(patient ?? (onPhoto ? undefined : null));
  return null;
}
