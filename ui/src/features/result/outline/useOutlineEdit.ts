import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useUnsaved } from "../../../design/Unsaved";
import type { Outline, PhotoDetail } from "../../../ipc/bindings";
import { type Sketch, useFindOutline, useMeasured, useSaveOutline } from "../../../ipc/measuring";
import { useIsStaff } from "../../../ipc/queries";
import { type EditEvent, type Editing, editingAfter, startEditing } from "./editing";
import { derivativeSize, millimetresPerPixel, parseMillimetres } from "./scale";
import { ellipse, type Size } from "./sculpt";

/** A hand that moves on asks for no numbers. */
const RESTS_MS = 300;

/** Owns an outline while somebody changes it, from the first touch until it is saved or let go. */
export function useOutlineEdit(detail: PhotoDetail) {
  const { t } = useTranslation();
  const { measured } = detail;
  const photoId = detail.entry.photo_id;
  const size = derivativeSize(detail);
  const mayEdit = useIsStaff();
  const [editing, setEditing] = useState<Editing | null>(null);
  const save = useSaveOutline(photoId);
  const find = useFindOutline(photoId);
  const perPixel = editing ? perPixelOf(editing, detail) : null;
  const preview = useMeasured(
    photoId,
    useRested(editing?.drawn.outline ?? null, perPixel === "invalid" ? null : perPixel),
  );
  const changed = editing !== null && editing.past.length > 0;
  const unsaved = useUnsaved(changed ? { title: t("unsaved.outline") } : null);

  const tell = (event: EditEvent) => {
    if (save.isPending) return;
    if (save.isError) save.reset();
    if (find.isError || find.data === null) find.reset();
    setEditing((now) => now && editingAfter(now, event));
  };
  return {
    /** null while nobody changes anything. */
    editing,
    mayEdit,
    changed,
    /** The scale is none as long as its distance is. */
    scaleInvalid: perPixel === "invalid",
    preview,
    save,
    find,
    size,
    tell,
    start: (tool: Editing["tool"]) => {
      save.reset();
      find.reset();
      setEditing(startEditing(measured?.outline ?? ellipse(size), measured?.millimetres_per_pixel ?? null, tool, size));
    },
    stop: () => unsaved.drop(() => setEditing(null)),
    findAgain: () =>
      find.mutate(undefined, {
        onSuccess: (found) =>
          found && setEditing((now) => now && editingAfter(now, { do: "found", outline: found.outline, size })),
      }),
    keep: () => {
      if (!editing || !changed || perPixel === "invalid" || save.isPending) return;
      save.mutate({ corners: editing.drawn.outline, perPixel }, { onSuccess: () => setEditing(null) });
    },
  };
}

export type OutlineEdit = ReturnType<typeof useOutlineEdit>;

function perPixelOf({ drawn: { scale }, millimetres }: Editing, original: Size): number | null | "invalid" {
  if (scale.of === "none") return null;
  if (scale.of === "kept") return scale.perPixel;
  const typed = parseMillimetres(millimetres);
  return (typed && millimetresPerPixel(scale.ends, typed, original)) ?? "invalid";
}

/** The same once it has not changed for a moment. */
function useRested(corners: Outline | null, perPixel: number | null): Sketch {
  const [rested, setRested] = useState<Sketch>(null);
  useEffect(() => {
    const next = corners && { corners, perPixel };
    const timer = setTimeout(() => setRested(next), next ? RESTS_MS : 0);
    return () => clearTimeout(timer);
  }, [corners, perPixel]);
  return corners && rested;
}
