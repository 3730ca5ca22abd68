import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link as RouterLink } from "react-router";
import { AcknowledgeButton } from "../../design/AcknowledgeButton";
import { AcknowledgedBy } from "../../design/AcknowledgedBy";
import { caseKind } from "../../design/caseKind";
import { ErrorNote } from "../../design/ErrorNote";
import { Announce } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import { target } from "../../design/tokens";
import type { PhotoDetail } from "../../ipc/bindings";
import { useAcknowledge, useUrgentCase } from "../../ipc/queries";

/** Of an urgent analysis, or of one that a doctor is to look at: who has seen it, or the button for whoever does now. */
export function WhoTakesCare({ detail: { entry, patient } }: { detail: PhotoDetail }) {
  const { t } = useTranslation();
  const urgent = useUrgentCase(entry.photo_id);
  const acknowledge = useAcknowledge();
  const part = useRef<HTMLElement>(null);
  // The button is gone then: the keyboard goes on from here.
  useEffect(() => {
    if (acknowledge.isSuccess) part.current?.focus({ preventScroll: true });
  }, [acknowledge.isSuccess]);
  // A patient who looks at their own result takes care of no case.
  if (urgent.error?.code === "not_allowed") return null;
  if (urgent.error) return <ErrorNote error={urgent.error} onRetry={() => void urgent.refetch()} />;
  if (!urgent.data) return null;
  const { acknowledgement, analysis_id, risk } = urgent.data;
  const kind = caseKind(risk);
  return (
    <Box
      component="section"
      ref={part}
      tabIndex={-1}
      aria-label={t(`acknowledge.${kind}.part`)}
      data-testid={testIds.acknowledgePart}
      data-kind={kind}
      sx={{
        display: "flex",
        flexWrap: "wrap",
        alignItems: "center",
        gap: 1.5,
        "&:focus-visible": { outline: "none" },
      }}
    >
      <Announce text={acknowledge.isSuccess ? t(`acknowledge.${kind}.done`, { name: patient.full_name }) : ""} />
      {acknowledgement ? (
        <AcknowledgedBy of={kind} {...acknowledgement} />
      ) : (
        <>
          {kind === "urgent" ? (
            <Box sx={{ flex: "1 1 180px", fontWeight: 700 }}>{t("acknowledge.nobody")}</Box>
          ) : (
            <Listed />
          )}
          <AcknowledgeButton
            of={kind}
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

function Listed() {
  const { t } = useTranslation();
  return (
    <Box sx={{ flex: "1 1 180px" }}>
      <Box sx={{ fontWeight: 700 }}>{t("acknowledge.waiting")}</Box>
      <Link
        component={RouterLink}
        to="/urgent?show=review"
        sx={{ display: "inline-flex", alignItems: "center", minHeight: target }}
      >
        {t("acknowledge.list")}
      </Link>
    </Box>
  );
}
