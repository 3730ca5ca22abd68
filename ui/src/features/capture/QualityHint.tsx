import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { FindingList } from "../../design/Findings";
import { AttentionIcon, CheckIcon } from "../../design/icons";
import { testIds } from "../../design/testIds";
import type { Finding } from "../../ipc/bindings";

/** What is wrong with a photo while the patient is still there, and the person's choice to keep it all the same. */
export function QualityHint({
  name,
  findings,
  keptAnyway,
  busy,
  onKeepAnyway,
}: {
  name: string;
  findings: Finding[];
  keptAnyway: boolean;
  busy: boolean;
  onKeepAnyway: (on: boolean) => void;
}) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <Box
      data-testid={testIds.stagedFindings}
      data-findings={findings.join(" ")}
      sx={{
        flex: "1 1 100%",
        display: "flex",
        flexWrap: "wrap",
        alignItems: "center",
        gap: 1,
        px: 1.5,
        py: 1,
        borderRadius: 1.5,
        border: 1,
        borderColor: "hint.line",
        bgcolor: "hint.ground",
        color: "hint.text",
      }}
    >
      <AttentionIcon sx={{ flex: "none", alignSelf: "start" }} />
      <Box id={id} sx={{ flex: "1 1 200px", minWidth: 0 }}>
        <FindingList findings={findings} />
        <Box sx={{ mt: 0.5, fontSize: "0.875rem" }}>{t(keptAnyway ? "capture.willBeKept" : "capture.takeAnother")}</Box>
      </Box>
      <Button
        variant="outlined"
        aria-pressed={keptAnyway}
        aria-label={t("capture.keepAnywayNamed", { name })}
        aria-describedby={id}
        disabled={busy}
        onClick={() => onKeepAnyway(!keptAnyway)}
        startIcon={keptAnyway ? <CheckIcon /> : null}
        data-testid={testIds.keepAnyway}
        sx={keptAnyway ? { "&&": { bgcolor: "hint.text", color: "hint.ground", borderColor: "hint.text" } } : null}
      >
        {t("capture.keepAnyway")}
      </Button>
    </Box>
  );
}
