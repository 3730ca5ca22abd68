import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import LinearProgress from "@mui/material/LinearProgress";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ConsentSwitch } from "../../design/ConsentSwitch";
import { ErrorNote } from "../../design/ErrorNote";
import { testIds } from "../../design/testIds";
import { useAnalysePending } from "../../ipc/analysing";
import type { Analysis, Patient } from "../../ipc/bindings";
import { useIsStaff, useSetCloudConsent } from "../../ipc/queries";

/** No result yet: the photo is safe, and this is why it waits and what moves it on. */
export function PendingPanel({
  analysis,
  patient,
}: {
  analysis: Extract<Analysis, { state: "pending" }>;
  patient: Patient;
}) {
  const { t } = useTranslation();
  const again = useAnalysePending();
  const staff = useIsStaff();
  const { reason } = analysis;
  const canTry = reason === "failed" || reason === "space_unreachable";
  return (
    <Box
      data-testid={testIds.resultPending}
      data-reason={reason}
      sx={{ p: 2, borderRadius: 2, border: "1px dashed", borderColor: "control", display: "grid", gap: 1 }}
    >
      <Box role="status" sx={{ display: "grid", gap: 1 }}>
        <Typography variant="h2">{t(`pending.${reason}.short`)}</Typography>
        <Box>{t(`pending.${reason}.long`)}</Box>
      </Box>
      {reason === "queued" && <LinearProgress aria-label={t("pending.queued.short")} />}
      {reason === "no_model" && (
        <Box>
          <Button component={Link} to="/settings" variant="outlined">
            {t("pending.installModel")}
          </Button>
        </Box>
      )}
      {reason === "no_consent" && staff && <Consent patient={patient} />}
      {canTry && (
        <Box>
          <Button
            variant="outlined"
            disabled={again.isPending}
            onClick={() => again.mutate(undefined)}
            data-testid={testIds.pendingTryNow}
          >
            {again.isPending ? t("pending.trying") : t(reason === "failed" ? "pending.tryAgain" : "pending.tryNow")}
          </Button>
        </Box>
      )}
      {again.error && <ErrorNote error={again.error} />}
    </Box>
  );
}

/** What it means stands in words before the switch, as it does in the patient's record. */
function Consent({ patient }: { patient: Patient }) {
  const { t } = useTranslation();
  const set = useSetCloudConsent(patient.id);
  return (
    <>
      <Box sx={{ color: "text.secondary" }}>{t("consent.explain")}</Box>
      <ConsentSwitch
        patient={patient}
        may
        wanted={set.isPending ? set.variables : undefined}
        error={set.error}
        onSet={(given) => set.mutate(given)}
      />
    </>
  );
}
