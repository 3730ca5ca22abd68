import Box from "@mui/material/Box";
import { useCallback, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useParams, useSearchParams } from "react-router";
import { Loaded } from "../../design/Loaded";
import { PatientBanner } from "../../design/PatientBanner";
import { Announce, HiddenTitle } from "../../design/Screen";
import { useUnsaved } from "../../design/Unsaved";
import type { LesionRow, Patient } from "../../ipc/bindings";
import { useLesions, usePatient } from "../../ipc/queries";
import { type BatchItem, keepable, type Placement, placementAfter, saysSomething, undecided, unkept } from "./batch";
import { DropZone } from "./DropZone";
import { KeepBar } from "./KeepBar";
import { PlacementPanel } from "./PlacementPanel";
import { StagedCard } from "./StagedCard";
import { useBatch } from "./useBatch";

export function NewPhotoScreen() {
  const { t } = useTranslation();
  const { patientId = "" } = useParams();
  const [params] = useSearchParams();
  const patient = usePatient(patientId);
  const lesions = useLesions(patientId);
  return (
    <Loaded query={patient}>
      {(current) => (
        <Box sx={{ height: { md: "100%" }, display: "flex", flexDirection: "column" }}>
          <HiddenTitle title={t("nav.newPhoto")} />
          <PatientBanner patient={current} />
          <Loaded query={lesions}>
            {(known) => <Capture key={patientId} patient={current} lesions={known} lesionId={params.get("lesion")} />}
          </Loaded>
        </Box>
      )}
    </Loaded>
  );
}

function Capture({ patient, lesions, lesionId }: { patient: Patient; lesions: LesionRow[]; lesionId: string | null }) {
  const { batch, add, remove, again, keepAnyway, keep, busy } = useBatch(patient.id);
  const [placement, setPlacement] = useState<Placement>(() => startAt(lesions.find(({ id }) => id === lesionId)));
  const [asked, setAsked] = useState(0);
  const ready = keepable(batch).length;
  useLeaving(unkept(batch), saysSomething(placement));
  const list = useRef<HTMLDivElement>(null);
  const onKeep = useCallback(async () => {
    setAsked((times) => times + 1);
    // From here on the photos themselves say how far they are.
    if (placement.site && placement.side) list.current?.scrollIntoView?.({ block: "start" });
    const kept = await keep(placement);
    if (!kept) return;
    setAsked(0);
    setPlacement((now) => placementAfter(now, placement, kept));
  }, [keep, placement]);

  return (
    <Box
      sx={{
        flex: 1,
        minHeight: 0,
        p: { xs: 2, md: 0 },
        display: { xs: "flex", md: "grid" },
        flexDirection: "column",
        gap: { xs: 2, md: 0 },
        gridTemplateColumns: "minmax(0, 1fr) minmax(320px, 380px)",
        gridTemplateRows: "minmax(0, 1fr)",
      }}
    >
      <Box
        sx={{
          display: "grid",
          gap: 1.25,
          alignContent: "start",
          minWidth: 0,
          p: { md: 3 },
          overflow: { md: "auto" },
        }}
      >
        <DropZone onPhotos={add} />
        <div ref={list}>
          <BatchList batch={batch} onRemove={remove} onAgain={again} onKeepAnyway={keepAnyway} />
        </div>
      </Box>
      <Box
        sx={{
          // In a narrow window the bar sticks to the screen's foot, beside the panel and not inside it.
          display: { xs: "contents", md: "flex" },
          flexDirection: "column",
          minHeight: 0,
          bgcolor: "background.paper",
          borderLeft: 1,
          borderColor: "line",
        }}
      >
        <PlacementPanel placement={placement} lesions={lesions} ready={ready} asked={asked} onChange={setPlacement} />
        <KeepBar
          patient={patient}
          ready={ready}
          undecided={undecided(batch)}
          busy={busy}
          done={unkept(batch) === 0 && batch.some(({ step }) => step.at === "kept")}
          onKeep={() => void onKeep()}
        />
      </Box>
      <Progress batch={batch} />
    </Box>
  );
}

function BatchList({
  batch,
  onRemove,
  onAgain,
  onKeepAnyway,
}: {
  batch: BatchItem[];
  onRemove: (item: BatchItem) => void;
  onAgain: (item: BatchItem) => void;
  onKeepAnyway: (item: BatchItem, on: boolean) => void;
}) {
  return (
    <Box component="ul" sx={{ m: 0, p: 0, listStyle: "none", display: "grid", gap: 1.25 }}>
      {batch.map((item) => (
        <StagedCard
          key={item.key}
          item={item}
          onRemove={() => onRemove(item)}
          onAgain={() => onAgain(item)}
          onKeepAnyway={(on) => onKeepAnyway(item, on)}
        />
      ))}
    </Box>
  );
}

function Progress({ batch }: { batch: BatchItem[] }) {
  const { t } = useTranslation();
  const count = (...steps: string[]) => batch.filter(({ step }) => steps.includes(step.at)).length;
  const kept = count("kept");
  const toRead = count("waiting", "reading");
  const wait = undecided(batch);
  const text =
    batch.length === 0
      ? ""
      : [
          t("capture.progress", {
            ready: keepable(batch).filter(({ step }) => step.at === "ready").length,
            reading: toRead,
            kept,
            refused: count("refused", "not_kept"),
          }),
          wait > 0 && t("capture.undecided", { count: wait }),
        ]
          .filter(Boolean)
          .join(". ");
  return <Announce text={text} />;
}

/** Photos that are read and not kept, and words about those to come, live only on this screen: nobody leaves it without knowing. */
function useLeaving(photos: number, typed: boolean) {
  const { t } = useTranslation();
  const dropped = {
    title: t("capture.leaveTitle", { count: photos }),
    text: t("capture.leaveText"),
    yes: t("capture.leaveYes"),
    no: t("capture.leaveNo"),
  };
  const lost = { title: t("unsaved.typed") };
  useUnsaved(photos > 0 ? dropped : typed ? lost : null);
}

function startAt(lesion: LesionRow | undefined): Placement {
  return {
    site: lesion?.site ?? null,
    side: lesion?.side ?? null,
    lesionId: lesion?.id ?? null,
    label: "",
    kind: "clinical",
    dermoscopy: { polarised: null, contact: null },
    note: "",
  };
}
