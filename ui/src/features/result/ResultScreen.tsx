import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { type ReactNode, type Ref, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { Loaded, RowsSkeleton } from "../../design/Loaded";
import { PatientBanner } from "../../design/PatientBanner";
import { HiddenTitle } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import type { PhotoDetail } from "../../ipc/bindings";
import { usePhoto } from "../../ipc/queries";
import { moreWorrying, needsSomebody } from "./candidates";
import { Delivery } from "./Delivery";
import { Facts } from "./Facts";
import { Notes } from "./Notes";
import { Opinions } from "./Opinions";
import { MeasurementsPart } from "./outline/MeasurementsPart";
import { type OutlineEdit, useOutlineEdit } from "./outline/useOutlineEdit";
import { PendingPanel } from "./PendingPanel";
import { PhotoQualityNote } from "./PhotoQualityNote";
import { Confidence, Probabilities } from "./Probabilities";
import { ResultPhoto } from "./ResultPhoto";
import { DemoMark, RiskPanel } from "./RiskPanel";
import { WhatToDo } from "./WhatToDo";
import { WhoTakesCare } from "./WhoTakesCare";
import { WorseOpinion } from "./WorseOpinion";

export function ResultScreen() {
  const { t } = useTranslation();
  const { photoId = "" } = useParams();
  const photo = usePhoto(photoId);
  return (
    <Loaded query={photo} skeleton={<RowsSkeleton rows={2} height={280} />}>
      {(detail) => (
        <Box sx={{ height: { md: "100%" }, display: "flex", flexDirection: "column" }}>
          <HiddenTitle title={t("result.title")} />
          <PatientBanner patient={detail.patient} />
          <Result key={photoId} detail={detail} />
        </Box>
      )}
    </Loaded>
  );
}

function Result({ detail }: { detail: PhotoDetail }) {
  const edit = useOutlineEdit(detail);
  return (
    <Box
      sx={{
        flex: 1,
        minHeight: 0,
        display: "grid",
        gridTemplateColumns: { xs: "minmax(0, 1fr)", md: "minmax(0, 1fr) minmax(360px, 468px)" },
        gridTemplateRows: { xs: "auto auto", md: "minmax(0, 1fr)" },
      }}
    >
      <ResultPhoto detail={detail} edit={edit} />
      <Verdict detail={detail} edit={edit} />
    </Box>
  );
}

function Verdict({ detail, edit }: { detail: PhotoDetail; edit: OutlineEdit }) {
  const { t } = useTranslation();
  const { entry, notes } = detail;
  const { analysis } = entry;
  const done = analysis.state === "done" ? analysis : null;
  const worse = moreWorrying(detail);
  const further = useRef<HTMLElement>(null);
  return (
    <Box
      component="section"
      aria-label={t("result.title")}
      sx={{
        // What is placed in it apart from the flow, such as words for screen readers, scrolls with it and not with the page.
        position: "relative",
        overflow: { md: "auto" },
        bgcolor: "background.paper",
        borderLeft: { md: 1 },
        borderColor: { md: "line" },
        p: { xs: 2, md: 2.5 },
        display: "grid",
        gap: 2,
        alignContent: "start",
      }}
    >
      {done?.demo && <DemoMark />}
      {done ? (
        <RiskPanel analysis={done} entry={entry} />
      ) : (
        analysis.state === "pending" && <PendingPanel analysis={analysis} patient={detail.patient} />
      )}
      {worse && <WorseOpinion worse={worse} firstIsThere={done !== null} onSee={() => further.current?.focus()} />}
      {needsSomebody(detail) && <WhoTakesCare detail={detail} />}
      {detail.quality && detail.quality.findings.length > 0 && <PhotoQualityNote quality={detail.quality} />}
      <Delivery state={detail.delivery} />
      {entry.kind === "dermoscopic" && (
        <Box sx={{ p: 1.5, borderRadius: 2, bgcolor: "hint.ground", color: "hint.text" }}>
          {t("capture.dermoscopicWarning")}
        </Box>
      )}
      {done && (
        <>
          <Part title={t("result.whatModelSees")}>
            <Probabilities analysis={done} />
            <Confidence analysis={done} />
          </Part>
          <Part title={t("result.whatToDo")}>
            <WhatToDo analysis={done} />
          </Part>
        </>
      )}
      <Part title={t("measure.title")} testId={testIds.measurements}>
        <MeasurementsPart measured={detail.measured} edit={edit} />
      </Part>
      <Part title={t("opinion.title")} place={further} testId={testIds.opinions}>
        <Opinions detail={detail} />
      </Part>
      <Box data-testid={testIds.disclaimer} sx={{ color: "text.secondary", fontSize: "0.875rem" }}>
        {t("result.disclaimer")}
      </Box>
      <Part title={t("note.title")}>
        <Notes notes={notes} analysisId={analysis.id} patientId={entry.patient_id} />
      </Part>
      <Box sx={{ borderTop: 1, borderColor: "line", pt: 1.5 }}>
        <Facts analysis={done} detail={detail} />
      </Box>
    </Box>
  );
}

/** With a `place` it can be jumped to. */
function Part({
  title,
  children,
  place,
  testId,
}: {
  title: string;
  children: ReactNode;
  place?: Ref<HTMLElement>;
  testId?: string;
}) {
  return (
    <Box
      component="section"
      aria-label={title}
      ref={place}
      tabIndex={place ? -1 : undefined}
      data-testid={testId}
      sx={{ borderRadius: 2 }}
    >
      <Typography variant="h3" component="h2" sx={{ color: "text.secondary", mb: 1 }}>
        {title}
      </Typography>
      {children}
    </Box>
  );
}
