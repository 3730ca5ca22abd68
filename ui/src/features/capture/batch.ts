import type { AlreadyKept, BodySite, Dermoscopy, Finding, PhotoKind, Side, StagedPhoto } from "../../ipc/bindings";
import type { SeekWellError } from "../../ipc/failure";
import type { PhotoSource } from "../../ipc/stage";

/** One photo's way through this screen. What failed keeps its reason and its source, so that it can be tried again. */
export type Step =
  | { at: "waiting" }
  | { at: "reading" }
  | { at: "refused"; error: SeekWellError }
  | { at: "ready"; staged: StagedPhoto }
  | { at: "keeping"; staged: StagedPhoto }
  | { at: "not_kept"; staged: StagedPhoto; error: SeekWellError }
  | { at: "kept"; photoId: string }
  | { at: "already"; photoId: string; keptAt: string };
/** `keptAnyway`: the person saw what speaks against the photo and wants it all the same. */
export type BatchItem = { key: string; source: PhotoSource; step: Step; keptAnyway: boolean };

export type BatchEvent =
  | { do: "add"; items: { key: string; source: PhotoSource }[] }
  | { do: "step"; key: string; step: Step }
  | { do: "again"; key: string }
  | { do: "keep_anyway"; key: string; on: boolean }
  | { do: "remove"; key: string };

export function batchAfter(batch: BatchItem[], event: BatchEvent): BatchItem[] {
  switch (event.do) {
    case "add":
      return [
        ...batch,
        ...event.items.map((item): BatchItem => ({ ...item, step: { at: "waiting" }, keptAnyway: false })),
      ];
    case "step":
      return batch.map((item) => (item.key === event.key ? { ...item, step: event.step } : item));
    case "again":
      return batch.map((item) =>
        item.key === event.key ? { ...item, step: { at: "waiting" }, keptAnyway: false } : item,
      );
    case "keep_anyway":
      return batch.map((item) => (item.key === event.key ? { ...item, keptAnyway: event.on } : item));
    case "remove":
      return batch.filter((item) => item.key !== event.key);
  }
}

/** A staged photo whose bytes are in this patient's record already needs no keeping. */
export function stepAfterStaging(staged: StagedPhoto, patientId: string): Step {
  const { already } = staged;
  if (already?.patient_id !== patientId) return { at: "ready", staged };
  return { at: "already", photoId: already.photo_id, keptAt: already.kept_at };
}

export type KeepableItem = BatchItem & { step: Extract<Step, { staged: StagedPhoto }> };

/** What "Keep N photos" would keep. */
export function keepable(batch: BatchItem[]): KeepableItem[] {
  return readyOnes(batch).filter((item) => !isUndecided(item));
}

/** What is wrong with a photo that was read. */
export function findingsOf({ step }: BatchItem): Finding[] {
  return "staged" in step ? step.staged.quality.findings : [];
}

/** Where the same picture lies in another patient's record: one of the two may be the wrong patient. */
export function elsewhereOf({ step }: BatchItem): AlreadyKept | null {
  return "staged" in step ? step.staged.already : null;
}

/** Whether something speaks against keeping it. */
export function isDoubtful(item: BatchItem): boolean {
  return findingsOf(item).length > 0 || elsewhereOf(item) !== null;
}

/** How many are doubtful and wait for a person's choice: away with it, or keep it anyway. */
export function undecided(batch: BatchItem[]): number {
  return readyOnes(batch).filter(isUndecided).length;
}

function readyOnes(batch: BatchItem[]): KeepableItem[] {
  return batch.filter((item): item is KeepableItem => item.step.at === "ready" || item.step.at === "not_kept");
}

function isUndecided(item: BatchItem): boolean {
  return isDoubtful(item) && !item.keptAnyway;
}

/** What would be lost by leaving now. */
export function unkept(batch: BatchItem[]): number {
  return batch.filter(({ step }) => ["waiting", "reading", "ready", "keeping", "not_kept"].includes(step.at)).length;
}

/** Where the photos were taken, the same for the whole batch. */
export type Placement = {
  site: BodySite | null;
  side: Side | null;
  /** null: a new lesion */
  lesionId: string | null;
  label: string;
  kind: PhotoKind;
  /** Of a dermoscopic photo, where somebody said. */
  dermoscopy: Dermoscopy;
  note: string;
};

/** Whether somebody typed what only the next photos will hold. */
export function saysSomething({ note, label, lesionId }: Placement): boolean {
  return note.trim() !== "" || (lesionId === null && label.trim() !== "");
}

/** What came of asking to keep: the lesion that the photos joined, and whether every photo of the batch is settled. */
export type Kept = { lesionId: string | null; all: boolean };

/**
 * What the panel shows after that. What was kept together stays together: the next photos join the same lesion, and a note that
 * every photo has is not repeated. What somebody chose or typed meanwhile is about the next photos and stays as it is.
 */
export function placementAfter(now: Placement, asked: Placement, { lesionId, all }: Kept): Placement {
  const same = (...names: (keyof Placement)[]) => names.every((name) => now[name] === asked[name]);
  const joins = lesionId !== null && same("site", "side", "lesionId", "label");
  return {
    ...now,
    ...(joins && { lesionId, label: "" }),
    ...(all && same("note") && { note: "" }),
  };
}
