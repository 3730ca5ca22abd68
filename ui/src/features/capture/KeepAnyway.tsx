import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { FindingList } from "../../design/Findings";
import { useFormat } from "../../design/format";
import { AttentionIcon, CheckIcon } from "../../design/icons";
import { testIds } from "../../design/testIds";
import type { AlreadyKept } from "../../ipc/bindings";
import { usePatient } from "../../ipc/queries";
import { type BatchItem, elsewhereOf, findingsOf } from "./batch";

/** What speaks against a photo while the patient is still there, and the person's choice to keep it all the same. */
export function KeepAnyway({ item, onKeepAnyway }: { item: BatchItem; onKeepAnyway: (on: boolean) => void }) {
  const { t } = useTranslation();
  const id = useId();
  const { source, step, keptAnyway } = item;
  const findings = findingsOf(item);
  const elsewhere = elsewhereOf(item);
  const choose = findings.length > 0 ? "capture.takeAnother" : "capture.rightPatient";
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
        {elsewhere && <KeptOfAnother {...elsewhere} />}
        {findings.length > 0 && <FindingList findings={findings} />}
        <Box sx={{ mt: 0.5, fontSize: "0.875rem" }}>{t(keptAnyway ? "capture.willBeKept" : choose)}</Box>
      </Box>
      <Button
        variant="outlined"
        aria-pressed={keptAnyway}
        aria-label={t("capture.keepAnywayNamed", { name: source.name })}
        aria-describedby={id}
        disabled={step.at === "keeping"}
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

function KeptOfAnother({ patient_id, kept_at }: AlreadyKept) {
  const { t } = useTranslation();
  const format = useFormat();
  const name = usePatient(patient_id).data?.full_name ?? "…";
  return (
    <Box role="alert" sx={{ fontWeight: 600, overflowWrap: "anywhere" }}>
      {t("capture.alreadyOther", { when: format.dateTime(kept_at), name })}
    </Box>
  );
}
