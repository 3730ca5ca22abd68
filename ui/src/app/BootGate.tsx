import Box from "@mui/material/Box";
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { BrandMark } from "../design/BrandMark";
import { Loaded, RowsSkeleton } from "../design/Loaded";
import { BlockedScreen } from "../features/opening/BlockedScreen";
import { FirstRunScreen } from "../features/opening/FirstRunScreen";
import { RecoveryScreen } from "../features/opening/RecoveryScreen";
import { SignInScreen } from "../features/opening/SignInScreen";
import type { BootState } from "../ipc/bindings";
import { useBoot, useBootRetry } from "../ipc/queries";
import { LanguageSwitch } from "./LanguageSwitch";

/** The whole program behind the door: a file of its own, so that the sign-in need not wait for it to be read. */
const behindTheDoor = () => import("./SignedIn");
const SignedIn = lazy(async () => ({ default: (await behindTheDoor()).SignedIn }));
/** After the first picture, and long before anybody has typed a password. */
const FETCHED_AHEAD_AFTER_MS = 300;

/** Which screen the workstation's state calls for. */
export function BootGate() {
  const boot = useBoot();
  return <Loaded query={boot}>{(state) => <Opened state={state} reread={() => void boot.refetch()} />}</Loaded>;
}

function Opened({ state, reread }: { state: BootState; reread: () => void }) {
  const retry = useBootRetry();
  // The recovery key is on screen after the clinic exists, so the first run ends when its screen says so.
  const [firstRun, setFirstRun] = useState(state.state === "needs_setup");
  const endFirstRun = () => {
    setFirstRun(false);
    reread();
  };
  if (firstRun && state.state !== "blocked") {
    return (
      <Door>
        <FirstRunScreen onDone={endFirstRun} />
      </Door>
    );
  }
  switch (state.state) {
    case "needs_setup":
      return (
        <Door>
          <FirstRunScreen onDone={endFirstRun} />
        </Door>
      );
    case "needs_recovery":
      return (
        <Door>
          <RecoveryScreen reason={state.reason} />
        </Door>
      );
    case "blocked":
      return (
        <Door>
          <BlockedScreen failure={retry.error ?? state.failure} busy={retry.isPending} onRetry={() => retry.mutate()} />
        </Door>
      );
    case "signed_out":
      return (
        <Door>
          <SignInScreen clinic={state.clinic} people={state.people} />
        </Door>
      );
    case "signed_in":
      return (
        <Suspense fallback={<RowsSkeleton rows={4} />}>
          <SignedIn clinic={state.clinic} person={state.person} keyConfirmed={state.recovery_key_confirmed} />
        </Suspense>
      );
  }
}

function Door({ children }: { children: ReactNode }) {
  useEffect(() => {
    const later = setTimeout(() => void behindTheDoor(), FETCHED_AHEAD_AFTER_MS);
    return () => clearTimeout(later);
  }, []);
  return (
    <Box sx={{ height: "100dvh", display: "flex", flexDirection: "column" }}>
      <Box
        component="header"
        sx={{ display: "flex", alignItems: "center", gap: 1, px: { xs: 1.5, sm: 3 }, py: 1, fontWeight: 700 }}
      >
        <BrandMark size={40} />
        <Box sx={{ flex: 1 }}>SeekWell</Box>
        <LanguageSwitch />
      </Box>
      <Box sx={{ flex: 1, minHeight: 0 }}>{children}</Box>
    </Box>
  );
}
