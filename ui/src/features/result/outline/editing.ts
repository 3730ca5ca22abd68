import type { Outline } from "../../../ipc/bindings";
import { type Ruler, rulerAtFirst } from "./scale";
import { handlesOf, inPicture, type Point, pulled, refined, type Size } from "./sculpt";

export type Scale = { of: "none" } | { of: "kept"; perPixel: number } | { of: "ruler"; ends: Ruler };
/** What is drawn: the contour, with corners enough to be pulled at, which of them are handles, and the scale. */
export type Drawn = {
  /** As it was given until it is pulled at, so that a scale alone leaves it as it was. */
  outline: Outline;
  corners: Outline;
  handles: number[];
  scale: Scale;
};
/** What a hand has hold of. */
export type Grip = { of: "outline" | "ruler"; nth: number };

export type Editing = {
  drawn: Drawn;
  /** What "undo" goes back to, the last step last. */
  past: Drawn[];
  /** What was drawn when the hand took hold: a drag is one step, however it wanders. */
  held: Drawn | null;
  /** Where the marks lie as long as they were not moved. */
  laid: Ruler;
  /** As typed. */
  millimetres: string;
  /** Which handles lie on the photo. */
  tool: "outline" | "ruler";
};

type Placed = Pick<Editing, "drawn" | "laid">;

export type EditEvent =
  | { do: "hold" }
  | { do: "pull"; grip: Grip; to: Point; size: Size }
  | { do: "release" }
  /** `on`: goes on with the step before it, as a key that is held down. */
  | { do: "nudge"; grip: Grip; by: Point; size: Size; on: boolean }
  | { do: "found"; outline: Outline; size: Size }
  | { do: "undo" }
  | { do: "lay"; ruler: Ruler }
  | { do: "type"; millimetres: string }
  | { do: "no_scale" }
  | { do: "tool"; tool: Editing["tool"] };

const MOST_STEPS = 200;
const MILLIMETRES_AT_FIRST = "10";

export function startEditing(outline: Outline, perPixel: number | null, tool: Editing["tool"], size: Size): Editing {
  const scale: Scale = perPixel === null ? { of: "none" } : { of: "kept", perPixel };
  return {
    drawn: drawnFrom(outline, scale, size),
    past: [],
    held: null,
    laid: rulerAtFirst([0.5, 0.5], 1),
    millimetres: MILLIMETRES_AT_FIRST,
    tool,
  };
}

export function editingAfter(state: Editing, event: EditEvent): Editing {
  const { drawn, past, held } = state;
  switch (event.do) {
    case "hold":
      return { ...state, held: drawn };
    case "release":
      return { ...state, held: null };
    case "pull": {
      const from = held ?? drawn;
      const stepped = past.at(-1) === from ? past : [...past, from];
      const next = moved({ ...state, drawn: from }, event.grip, event.to, event.size);
      return { ...state, drawn: next, past: stepped.slice(-MOST_STEPS) };
    }
    case "nudge": {
      const [x, y] = placeOf(state, event.grip);
      const to: Point = [x + event.by[0], y + event.by[1]];
      const stepped = event.on && past.length > 0 ? past : [...past, drawn].slice(-MOST_STEPS);
      return { ...state, drawn: moved(state, event.grip, to, event.size), past: stepped };
    }
    case "found":
      return { ...state, drawn: drawnFrom(event.outline, drawn.scale, event.size), past: [...past, drawn] };
    case "undo": {
      const before = past.at(-1);
      return before ? { ...state, drawn: before, past: past.slice(0, -1), held: null } : state;
    }
    case "lay":
      return { ...state, laid: event.ruler };
    case "type":
      return { ...state, millimetres: event.millimetres };
    case "no_scale":
      return { ...state, drawn: { ...drawn, scale: { of: "none" } }, past: [...past, drawn] };
    case "tool":
      return { ...state, tool: event.tool };
  }
}

/** The ruler's ends, where they are or where they begin. */
export function rulerOf({ drawn: { scale }, laid }: Placed): Ruler {
  return scale.of === "ruler" ? scale.ends : laid;
}

export function placeOf(state: Placed, { of, nth }: Grip): Point {
  const { drawn } = state;
  const place = of === "ruler" ? rulerOf(state)[nth] : drawn.corners[drawn.handles[nth] ?? 0];
  return place ?? [0.5, 0.5];
}

function moved(state: Placed, { of, nth }: Grip, to: Point, size: Size): Drawn {
  const { drawn } = state;
  if (of === "outline") {
    const corners = pulled(drawn.corners, drawn.handles[nth] ?? 0, to, size, drawn.handles.length);
    return { ...drawn, outline: corners, corners };
  }
  const end: Point = [inPicture(to[0]), inPicture(to[1])];
  const [first, second] = rulerOf(state);
  return { ...drawn, scale: { of: "ruler", ends: nth === 0 ? [end, second] : [first, end] } };
}

function drawnFrom(outline: Outline, scale: Scale, size: Size): Drawn {
  const corners = refined(outline, size);
  return { outline, corners, handles: handlesOf(corners, size), scale };
}
