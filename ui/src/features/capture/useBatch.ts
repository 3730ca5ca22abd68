import { useCallback, useEffect, useReducer, useRef } from "react";
import type { KeepRequest, StagedPhoto } from "../../ipc/bindings";
import { asSeekWellError } from "../../ipc/failure";
import { discardStaged, useKeepPhoto } from "../../ipc/queries";
import { type PhotoSource, stagePhoto } from "../../ipc/stage";
import {
  type BatchItem,
  batchAfter,
  findingsOf,
  type Kept,
  keepable,
  type Placement,
  type Step,
  stepAfterStaging,
  unkept,
} from "./batch";

const READ_AT_ONCE = 2;
let lastKey = 0;

/** Owns the photos of one visit to this screen: reads them two at a time and keeps them one after the other. */
export function useBatch(patientId: string) {
  const [batch, tell] = useReducer(batchAfter, []);
  const keepPhoto = useKeepPhoto(patientId);
  const keeping = useRef(false);
  const started = useRef(new Set<string>());
  const gone = useRef(new Set<string>());
  const step = useCallback((key: string, next: Step) => tell({ do: "step", key, step: next }), []);

  const add = useCallback((sources: PhotoSource[]) => {
    const items = sources.map((source) => {
      lastKey += 1;
      return { key: `photo-${lastKey}`, source };
    });
    tell({ do: "add", items });
  }, []);

  useEffect(() => {
    const reading = batch.filter((item) => item.step.at === "reading").length;
    const next = batch.filter((item) => item.step.at === "waiting" && !started.current.has(item.key));
    for (const item of next.slice(0, Math.max(0, READ_AT_ONCE - reading))) {
      started.current.add(item.key);
      step(item.key, { at: "reading" });
      void read(item, patientId).then((after) => {
        started.current.delete(item.key);
        if (!gone.current.has(item.key) && !left.current) step(item.key, after);
        else if ("staged" in after) drop(after.staged);
      });
    }
  }, [batch, step, patientId]);

  // Leaving the screen gives back what was read and not kept.
  const latest = useRef(batch);
  latest.current = batch;
  const left = useRef(false);
  useEffect(() => {
    left.current = false;
    return () => {
      left.current = true;
      for (const { step: last } of latest.current) if (last.at === "ready" || last.at === "not_kept") drop(last.staged);
    };
  }, []);

  const remove = useCallback((item: BatchItem) => {
    gone.current.add(item.key);
    if ("staged" in item.step) drop(item.step.staged);
    tell({ do: "remove", key: item.key });
  }, []);

  const again = useCallback((item: BatchItem) => tell({ do: "again", key: item.key }), []);
  const keepAnyway = useCallback(({ key }: BatchItem, on: boolean) => tell({ do: "keep_anyway", key, on }), []);

  /** Every photo that is ready, into one lesion: the first makes it where it is new, the others join it. null: nothing was asked. */
  const keep = useCallback(
    async (placement: Placement): Promise<Kept | null> => {
      const { site, side } = placement;
      if (keeping.current || !site || !side) return null;
      keeping.current = true;
      let lesionId = placement.lesionId;
      const asked = keepable(batch);
      let all = unkept(batch) === asked.length;
      try {
        for (const item of asked) {
          const { staged } = item.step;
          step(item.key, { at: "keeping", staged });
          const request: KeepRequest = {
            staged_id: staged.id,
            patient_id: patientId,
            site,
            side,
            lesion_id: lesionId,
            lesion_label: lesionId ? null : placement.label.trim() || null,
            kind: placement.kind,
            dermoscopy: placement.dermoscopy,
            note: placement.note.trim() || null,
            kept_anyway: item.keptAnyway && findingsOf(item).length > 0,
          };
          try {
            const kept = await keepPhoto.mutateAsync(request);
            if (kept.state === "already_stored") {
              step(item.key, { at: "already", photoId: kept.photo_id, keptAt: kept.kept_at });
            } else {
              step(item.key, { at: "kept", photoId: kept.photo_id });
              lesionId ??= kept.lesion_id;
            }
          } catch (thrown) {
            all = false;
            const error = asSeekWellError(thrown);
            step(item.key, error.code === "staged_gone" ? { at: "refused", error } : { at: "not_kept", staged, error });
          }
        }
      } finally {
        keeping.current = false;
      }
      return { lesionId, all };
    },
    [batch, keepPhoto, patientId, step],
  );

  return { batch, add, remove, again, keepAnyway, keep, busy: batch.some((item) => item.step.at === "keeping") };
}

async function read(item: BatchItem, patientId: string): Promise<Step> {
  try {
    const staged = await stagePhoto(item.source);
    const after = stepAfterStaging(staged, patientId);
    if (after.at === "already") drop(staged);
    return after;
  } catch (thrown) {
    return { at: "refused", error: asSeekWellError(thrown) };
  }
}

// The core clears what nobody kept when it starts; a failure here costs memory for a while and nothing else.
function drop(staged: StagedPhoto): void {
  discardStaged(staged.id).catch(() => undefined);
}
