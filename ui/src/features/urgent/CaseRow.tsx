import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Link from "@mui/material/Link";
import { useTranslation } from "react-i18next";
import { Link as RouterLink } from "react-router";
import { AcknowledgeButton } from "../../design/AcknowledgeButton";
import { AcknowledgedBy } from "../../design/AcknowledgedBy";
import { type CaseKind, caseKind } from "../../design/caseKind";
import { useFormat } from "../../design/format";
import { NoPicture } from "../../design/NoPicture";
import { usePatientFacts } from "../../design/PatientBanner";
import { PhotoThumb } from "../../design/PhotoThumb";
import { RiskBadge } from "../../design/RiskBadge";
import { testIds } from "../../design/testIds";
import type { UrgentCase } from "../../ipc/bindings";
import { usePicture } from "../../ipc/picture";
import { useAcknowledge } from "../../ipc/queries";

export function CaseRow({
  urgent,
  now,
  onAcknowledged,
}: {
  urgent: UrgentCase;
  now: Date;
  onAcknowledged: (kind: CaseKind, name: string) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const acknowledge = useAcknowledge();
  const { patient } = urgent;
  const kind = caseKind(urgent.risk);
  const facts = usePatientFacts({ ...patient, national_id: null, phone: null });
  const place = t("lesion.place", { site: t(`site.${urgent.site}`), side: t(`side.${urgent.side}`) });
  return (
    <Box
      component="li"
      data-testid={testIds.urgentCase}
      data-analysis={urgent.analysis_id}
      sx={{
        display: "grid",
        gridTemplateColumns: { xs: "88px minmax(0, 1fr)", sm: "128px minmax(0, 1fr) auto" },
        columnGap: 2,
        rowGap: 1,
        alignItems: "start",
        p: 1.5,
        bgcolor: "background.paper",
        border: 1,
        borderColor: "line",
        borderRadius: 2,
      }}
    >
      <Box sx={{ borderRadius: 1, overflow: "hidden" }}>
        {urgent.thumbnail_here ? <Thumb photoId={urgent.photo_id} /> : <NoPicture ratio="4 / 3" />}
      </Box>
      <Box sx={{ display: "grid", gap: 0.25, justifyItems: "start", minWidth: 0 }}>
        <Link
          component={RouterLink}
          to={`/patients/${patient.id}`}
          underline="hover"
          sx={{ fontWeight: 700, color: "text.primary", overflowWrap: "anywhere", py: 1.4, my: -1.4 }}
        >
          {patient.full_name}
        </Link>
        <Quiet>{facts.join(" · ")}</Quiet>
        <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", columnGap: 1, rowGap: 0.5, my: 0.5 }}>
          <RiskBadge risk={urgent.risk} demo={urgent.demo} />
          <Box component="span" sx={{ fontWeight: 700 }}>
            {t("result.classPercent", {
              name: t(`class.${urgent.top_class}`),
              percent: format.percent(urgent.confidence),
            })}
          </Box>
        </Box>
        <Quiet>
          {[place, urgent.lesion_label].filter(Boolean).join(" · ")}
          {" · "}
          <time dateTime={urgent.made_at} title={format.dateTime(urgent.made_at)}>
            {format.ago(urgent.made_at, now)}
          </time>
          {urgent.elsewhere && ` · ${t("urgent.elsewhere")}`}
        </Quiet>
        {!urgent.delivered && <NotDelivered />}
        {urgent.acknowledgement && <AcknowledgedBy of={kind} {...urgent.acknowledgement} />}
      </Box>
      <Box
        sx={{
          display: "flex",
          flexDirection: { xs: "row", sm: "column" },
          flexWrap: "wrap",
          gap: 1,
          gridColumn: { xs: "1 / -1", sm: "auto" },
          "& > *": { flex: { xs: "1 1 120px", sm: "none" } },
        }}
      >
        {!urgent.acknowledgement && (
          <AcknowledgeButton
            of={kind}
            name={patient.full_name}
            pending={acknowledge.isPending}
            error={acknowledge.error}
            onYes={() =>
              // The row leaves the list with its answer: what comes after it can't hang on the row.
              acknowledge.mutateAsync(urgent.analysis_id).then(
                () => onAcknowledged(kind, patient.full_name),
                () => undefined,
              )
            }
          />
        )}
        <Button
          component={RouterLink}
          to={`/photos/${urgent.photo_id}`}
          variant="outlined"
          aria-label={t("urgent.resultOf", { name: patient.full_name })}
        >
          {t("urgent.result")}
        </Button>
      </Box>
    </Box>
  );
}

function Thumb({ photoId }: { photoId: string }) {
  return <PhotoThumb picture={usePicture(photoId, "thumbnail")} />;
}

function NotDelivered() {
  const { t } = useTranslation();
  return (
    <Box
      data-testid={testIds.urgentNotDelivered}
      sx={{
        mt: 0.5,
        px: 1,
        py: 0.5,
        borderRadius: 1,
        border: 1,
        borderColor: "hint.line",
        bgcolor: "hint.ground",
        color: "hint.text",
        fontSize: "0.8125rem",
      }}
    >
      <strong>{t("urgent.notDelivered")}.</strong> {t("urgent.notDeliveredExplain")}
    </Box>
  );
}

function Quiet({ children }: { children: React.ReactNode }) {
  return <Box sx={{ color: "text.secondary", fontSize: "0.875rem", overflowWrap: "anywhere" }}>{children}</Box>;
}
