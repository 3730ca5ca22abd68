import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import LinearProgress from "@mui/material/LinearProgress";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ErrorNote } from "../../design/ErrorNote";
import { testIds } from "../../design/testIds";
import type { Analysis } from "../../ipc/bindings";
import { useAnalysePending } from "../../ipc/queries";

/** No result yet: the photo is safe, and this is why it waits and what moves it on. */
export function PendingPanel({ analysis }: { analysis: Extract<Analysis, { state: "pending" }> }) {
  const { t } = useTranslation();
  const again = useAnalysePending();
  const { reason } = analysis;
  return (
    <Box
      data-testid={testIds.resultPending}
      data-reason={reason}
      role="status"
      sx={{ p: 2, borderRadius: 2, border: "1px dashed", borderColor: "control", display: "grid", gap: 1 }}
    >
      <Typography variant="h2">{t(`pending.${reason}.short`)}</Typography>
      <Box>{t(`pending.${reason}.long`)}</Box>
      {reason === "queued" && <LinearProgress aria-label={t("pending.queued.short")} />}
      {reason === "no_model" && (
        <Box>
          <Button component={Link} to="/settings" variant="outlined">
            {t("pending.installModel")}
          </Button>
        </Box>
      )}
      {reason === "failed" && (
        <Box>
          <Button variant="outlined" disabled={again.isPending} onClick={() => again.mutate(undefined)}>
            {t("pending.tryAgain")}
          </Button>
        </Box>
      )}
      {again.error && <ErrorNote error={again.error} />}
    </Box>
  );
}
