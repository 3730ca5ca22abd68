import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { ErrorNote } from "../design/ErrorNote";
import { Screen } from "../design/Screen";
import { useSetPreferences, useSignOut } from "../ipc/queries";

/** An address of its own, so that whatever guards a screen against leaving also guards it against signing out. */
export function SignOutScreen() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const setPreferences = useSetPreferences();
  const { mutateAsync, error } = useSignOut();
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    mutateAsync().then(
      () => {
        window.history.replaceState(null, "", "#/patients");
        setPreferences({ last_route: null });
      },
      () => undefined,
    );
  }, [mutateAsync, setPreferences]);
  return (
    <Screen title={t("person.signOut")}>
      {error && <ErrorNote error={error} onRetry={() => navigate("/patients")} />}
    </Screen>
  );
}
