import Button from "@mui/material/Button";
import { useCallback, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ErrorNote } from "../design/ErrorNote";
import { Screen } from "../design/Screen";
import { useSetPreferences, useSignOut } from "../ipc/queries";

/** An address of its own, so that whatever guards a screen against leaving also guards it against signing out. */
export function SignOutScreen() {
  const { t } = useTranslation();
  const setPreferences = useSetPreferences();
  const { mutateAsync, error } = useSignOut();
  const begun = useRef(false);
  const latest = useRef(setPreferences);
  latest.current = setPreferences;
  const signOut = useCallback(() => {
    mutateAsync().then(
      () => {
        window.history.replaceState(null, "", "#/patients");
        latest.current({ last_route: null });
      },
      () => undefined,
    );
  }, [mutateAsync]);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    signOut();
  }, [signOut]);
  return (
    <Screen title={t("person.signOut")}>
      {error && (
        <ErrorNote
          error={error}
          onRetry={signOut}
          action={
            <Button component={Link} to="/patients" variant="outlined">
              {t("person.stay")}
            </Button>
          }
        />
      )}
    </Screen>
  );
}
