import Box from "@mui/material/Box";
import { useTranslation } from "react-i18next";
import { AcknowledgeButton } from "../../design/AcknowledgeButton";
import { AcknowledgedBy } from "../../design/AcknowledgedBy";
import { ErrorNote } from "../../design/ErrorNote";
import { Announce } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import type { PhotoDetail } from "../../ipc/bindings";
import { useAcknowledge, useUrgentCase } from "../../ipc/queries";

/** Of an urgent analysis: who has seen it, or the button for whoever does now. */
export function WhoTakesCare({ detail: { entry, patient } }: { detail: PhotoDetail }) {
  const { t } = useTranslation();
  const urgent = useUrgentCase(entry.photo_id);
  const acknowledge = useAcknowledge();
  // A patient who looks at their own result takes care of no case.
  if (urgent.error?.code === "not_allowed") return null;
  if (urgent.error) return <ErrorNote error={urgent.error} onRetry={() => void urgent.refetch()} />;
  if (!urgent.data) return null;
  const { acknowledgement, analysis_id } = urgent.data;
  return (
    <Box
      component="section"
      aria-label={t("acknowledge.part")}
      data-testid={testIds.acknowledgePart}
      sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", gap: 1.5 }}
    >
      <Announce text={acknowledge.isSuccess ? t("acknowledge.done", { name: patient.full_name }) : ""} />
      {acknowledgement ? (
        <AcknowledgedBy {...acknowledgement} />
      ) : (
        <>
          <Box sx={{ flex: "1 1 180px", fontWeight: 700 }}>{t("acknowledge.nobody")}</Box>
          <AcknowledgeButton
            name={patient.full_name}
            pending={acknowledge.isPending}
            error={acknowledge.error}
            onYes={() => acknowledge.mutate(analysis_id)}
          />
        </>
      )}
    </Box>
  );
}
