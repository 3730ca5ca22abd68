import Box from "@mui/material/Box";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useBlocker, useParams, useSearchParams } from "react-router";
import { ConfirmDialog } from "../../design/ConfirmDialog";
import { Loaded } from "../../design/Loaded";
import { PatientBanner } from "../../design/PatientBanner";
import { Announce, HiddenTitle } from "../../design/Screen";
import type { LesionRow } from "../../ipc/bindings";
import { useLesions, usePatient } from "../../ipc/queries";
import { type BatchItem, keepable, type Placement, unkept } from "./batch";
import { DropZone } from "./DropZone";
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
        <>
          <HiddenTitle title={t("nav.newPhoto")} />
          <PatientBanner patient={current} />
          <Loaded query={lesions}>
            {(known) => (
              <Capture key={patientId} patientId={patientId} lesions={known} lesionId={params.get("lesion")} />
            )}
          </Loaded>
        </>
      )}
    </Loaded>
  );
}

function Capture({
  patientId,
  lesions,
  lesionId,
}: {
  patientId: string;
  lesions: LesionRow[];
  lesionId: string | null;
}) {
  const { batch, add, remove, again, keep, busy } = useBatch(patientId);
  const [placement, setPlacement] = useState<Placement>(() => startAt(lesions.find(({ id }) => id === lesionId)));
  const [asked, setAsked] = useState(false);
  const ready = keepable(batch).length;
  const onKeep = useCallback(async () => {
    setAsked(true);
    const usedLesion = await keep(placement);
    // What was kept together stays together: the next photos join the same lesion, and the note is not repeated.
    if (usedLesion) setPlacement((now) => ({ ...now, lesionId: usedLesion, label: "", note: "" }));
  }, [keep, placement]);

  return (
    <Box
      sx={{
        p: { xs: 2, md: 3 },
        display: "grid",
        gap: 2,
        gridTemplateColumns: { xs: "minmax(0, 1fr)", md: "minmax(0, 1fr) minmax(320px, 380px)" },
        alignItems: "start",
      }}
    >
      <Box sx={{ display: "grid", gap: 1.25, minWidth: 0 }}>
        <DropZone onPhotos={add} />
        <BatchList batch={batch} patientId={patientId} onRemove={remove} onAgain={again} />
      </Box>
      <PlacementPanel
        placement={placement}
        lesions={lesions}
        ready={ready}
        busy={busy}
        asked={asked}
        onChange={setPlacement}
        onKeep={() => void onKeep()}
      />
      <Progress batch={batch} />
      <LeaveGuard photos={unkept(batch)} />
    </Box>
  );
}

function BatchList({
  batch,
  patientId,
  onRemove,
  onAgain,
}: {
  batch: BatchItem[];
  patientId: string;
  onRemove: (item: BatchItem) => void;
  onAgain: (item: BatchItem) => void;
}) {
  return (
    <Box component="ul" sx={{ m: 0, p: 0, listStyle: "none", display: "grid", gap: 1.25 }}>
      {batch.map((item) => (
        <StagedCard
          key={item.key}
          item={item}
          patientId={patientId}
          onRemove={() => onRemove(item)}
          onAgain={() => onAgain(item)}
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
  const text =
    batch.length === 0
      ? ""
      : t("capture.progress", { ready: count("ready"), reading: toRead, kept, refused: count("refused", "not_kept") });
  return <Announce text={text} />;
}

/** Photos that are read and not kept live only on this screen: nobody leaves it without knowing. */
function LeaveGuard({ photos }: { photos: number }) {
  const { t } = useTranslation();
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => photos > 0 && currentLocation.pathname !== nextLocation.pathname,
  );
  useEffect(() => {
    if (photos === 0) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [photos]);
  return (
    <ConfirmDialog
      open={blocker.state === "blocked"}
      title={t("capture.leaveTitle", { count: photos })}
      text={t("capture.leaveText")}
      yes={t("capture.leaveYes")}
      no={t("capture.leaveNo")}
      onYes={() => blocker.proceed?.()}
      onNo={() => blocker.reset?.()}
    />
  );
}

function startAt(lesion: LesionRow | undefined): Placement {
  return {
    site: lesion?.site ?? null,
    side: lesion?.side ?? null,
    lesionId: lesion?.id ?? null,
    label: "",
    kind: "clinical",
    note: "",
  };
}
