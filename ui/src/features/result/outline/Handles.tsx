import Box from "@mui/material/Box";
import { type KeyboardEvent, type PointerEvent, useEffect, useEffectEvent, useRef } from "react";
import { useTranslation } from "react-i18next";
import { testIds } from "../../../design/testIds";
import { target } from "../../../design/tokens";
import type { PhotoPlace } from "../PhotoViewer";
import { type Grip, placeOf } from "./editing";
import { rulerAtFirst } from "./scale";
import { distance, type Point } from "./sculpt";
import type { OutlineEdit } from "./useOutlineEdit";

const ARROWS: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
/** On screen, so that zooming in makes every step finer. */
const STEP = 10;
const FINE_STEP = 2;

type Drag = { pointer: number; grip: Grip; origin: Point; x: number; y: number };

/** What is pulled, by a finger, a mouse or the arrow keys: points of the outline, or the marks on a ruler. */
export function Handles({ edit, place }: { edit: OutlineEdit; place: PhotoPlace }) {
  const { t } = useTranslation();
  const { editing, tell, size } = edit;
  const buttons = useRef<(HTMLButtonElement | null)[]>([]);
  const drag = useRef<Drag | null>(null);
  // Whoever opens this goes on with the keyboard from here.
  useEffect(() => buttons.current[0]?.focus(), []);
  const laying = editing?.tool === "ruler" && editing.drawn.scale.of !== "ruler";
  const { middle, zoom } = place;
  const lay = useEffectEvent(() => tell({ do: "lay", ruler: rulerAtFirst(middle, zoom) }));
  useEffect(() => {
    if (laying) lay();
  }, [laying]);
  if (!editing) return null;
  const { drawn, tool } = editing;
  const count = tool === "ruler" ? 2 : drawn.handles.length;
  const grips = Array.from({ length: count }, (_, nth): Grip => ({ of: tool, nth }));

  /** Handles of a small outline overlap: a press takes the one that lies nearest to it. */
  const nearest = (event: PointerEvent, pressed: Grip): Grip => {
    const box = event.currentTarget.getBoundingClientRect();
    const [x, y] = placeOf(editing, pressed);
    const at: Point = [
      x + (event.clientX - box.left - box.width / 2) / place.width,
      y + (event.clientY - box.top - box.height / 2) / place.height,
    ];
    const far = (grip: Grip) => distance(placeOf(editing, grip), at, place);
    return grips.reduce((best, grip) => (far(grip) < far(best) ? grip : best), pressed);
  };
  const onDown = (event: PointerEvent, pressed: Grip) => {
    event.stopPropagation();
    if (event.button !== 0) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture?.(event.pointerId);
    const grip = nearest(event, pressed);
    buttons.current[grip.nth]?.focus({ preventScroll: true });
    drag.current = {
      pointer: event.pointerId,
      grip,
      origin: placeOf(editing, grip),
      x: event.clientX,
      y: event.clientY,
    };
    tell({ do: "hold" });
  };
  const onMove = (event: PointerEvent) => {
    const held = drag.current;
    if (held?.pointer !== event.pointerId) return;
    const to: Point = [
      held.origin[0] + (event.clientX - held.x) / place.width,
      held.origin[1] + (event.clientY - held.y) / place.height,
    ];
    tell({ do: "pull", grip: held.grip, to, size });
  };
  const onUp = (event: PointerEvent) => {
    if (drag.current?.pointer !== event.pointerId) return;
    drag.current = null;
    tell({ do: "release" });
  };
  const onKey = (event: KeyboardEvent, grip: Grip) => {
    const arrow = ARROWS[event.key];
    if (!arrow || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const step = event.shiftKey ? FINE_STEP : STEP;
    const by: Point = [(arrow[0] * step) / place.width, (arrow[1] * step) / place.height];
    tell({ do: "nudge", grip, by, size, on: event.repeat });
  };

  return grips.map((grip) => {
    const [x, y] = placeOf(editing, grip);
    const name =
      grip.of === "ruler"
        ? t("outline.mark", { nth: grip.nth + 1 })
        : t("outline.handle", { nth: grip.nth + 1, count });
    return (
      <Box
        component="button"
        type="button"
        key={`${grip.of}-${grip.nth}`}
        ref={(element: HTMLButtonElement | null) => {
          buttons.current[grip.nth] = element;
        }}
        aria-label={name}
        aria-describedby="outline-how"
        data-testid={testIds.outlineHandle}
        onFocus={() => place.see(x, y)}
        onPointerDown={(event: PointerEvent) => onDown(event, grip)}
        onPointerMove={onMove}
        onPointerUp={onUp}
        onPointerCancel={onUp}
        onMouseDown={(event: React.MouseEvent) => event.preventDefault()}
        onDoubleClick={(event: React.MouseEvent) => event.stopPropagation()}
        onKeyDown={(event: KeyboardEvent) => onKey(event, grip)}
        sx={{ ...hit, "&::before": { ...dot, borderRadius: grip.of === "ruler" ? 0.5 : "50%" } }}
        style={{ left: `${x * 100}%`, top: `${y * 100}%` }}
      />
    );
  });
}

/** As large as a gloved finger needs; the dot in it hides little of the skin. */
const hit = {
  position: "absolute",
  width: target,
  height: target,
  transform: "translate(-50%, -50%)",
  display: "grid",
  placeItems: "center",
  p: 0,
  border: 0,
  borderRadius: "50%",
  bgcolor: "transparent",
  cursor: "grab",
  pointerEvents: "auto",
  touchAction: "none",
  "&:active": { cursor: "grabbing" },
  "&:focus-visible": {
    outline: "3px solid #ffffff",
    outlineOffset: -8,
    boxShadow: "inset 0 0 0 6px rgba(0, 0, 0, 0.6)",
  },
} as const;
const dot = {
  content: '""',
  width: 14,
  height: 14,
  bgcolor: "#ffffff",
  border: "2px solid #000000",
  boxSizing: "border-box",
} as const;
