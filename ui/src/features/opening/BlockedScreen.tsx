import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";
import { FailureDetails, type Told, useFailureWords } from "../../design/ErrorNote";
import { DoorScreen } from "../../design/Screen";
import { testIds } from "../../design/testIds";

/** The records can't be opened now. Says why, what to do, and that nothing was changed. */
export function BlockedScreen({ failure, busy, onRetry }: { failure: Told; busy: boolean; onRetry: () => void }) {
  const { t } = useTranslation();
  const words = useFailureWords();
  return (
    <DoorScreen title={t("blocked.title")} width={560}>
      <Typography role="alert" data-testid={testIds.blocked} data-code={failure.code}>
        {words(failure)}
      </Typography>
      <Typography sx={{ color: "text.secondary" }}>{t("blocked.nothingLost")}</Typography>
      <Button variant="contained" size="large" disabled={busy} onClick={onRetry} data-testid={testIds.blockedRetry}>
        {busy ? t("blocked.trying") : t("common.retry")}
      </Button>
      <FailureDetails error={failure} />
    </DoorScreen>
  );
}
