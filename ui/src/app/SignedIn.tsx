import { createContext, useContext, useState } from "react";
import { RouterProvider } from "react-router";
import type { Person } from "../ipc/bindings";
import { usePreferences } from "../ipc/queries";
import { createRoutes } from "./routes";

export type Signed = { clinic: string; person: Person; keyConfirmed: boolean };
const SignedContext = createContext<Signed | null>(null);

export function useSigned(): Signed {
  const signed = useContext(SignedContext);
  if (!signed) throw new Error("useSigned is for screens behind the sign-in");
  return signed;
}

/** The program behind the sign-in. It comes back to the screen on which the window was left. */
export function SignedIn(signed: Signed) {
  const preferences = usePreferences();
  const [router] = useState(() => {
    const last = preferences.data?.last_route;
    const fresh = window.location.hash === "" || window.location.hash === "#/";
    if (fresh && last?.startsWith("/")) window.history.replaceState(null, "", `#${last}`);
    return createRoutes();
  });
  return (
    <SignedContext value={signed}>
      <RouterProvider router={router} />
    </SignedContext>
  );
}
