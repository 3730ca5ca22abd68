import type { Outline } from "../ipc/bindings";
import { testIds } from "./testIds";

const layer = { position: "absolute", inset: 0, width: "100%", height: "100%", overflow: "visible" } as const;

/** A light line on a dark one, seen on any skin and as thin at every zoom; what lies under it stays readable. */
export function OutlineLayer({
  outline,
  ruler = null,
  size,
}: {
  outline: Outline | null;
  ruler?: [number, number][] | null;
  size: { width: number; height: number };
}) {
  const points = (corners: [number, number][]) =>
    corners.map(([x, y]) => `${x * size.width},${y * size.height}`).join(" ");
  return (
    <svg
      style={layer}
      viewBox={`0 0 ${size.width} ${size.height}`}
      preserveAspectRatio="none"
      fill="none"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {outline && (
        <>
          <polygon points={points(outline)} {...under} />
          <polygon points={points(outline)} {...over} data-testid={testIds.outlineShape} />
        </>
      )}
      {ruler && (
        <>
          <polyline points={points(ruler)} {...under} />
          <polyline points={points(ruler)} {...over} strokeDasharray="6 4" />
        </>
      )}
    </svg>
  );
}

const under = { stroke: "rgba(0, 0, 0, 0.65)", strokeWidth: 3.5, vectorEffect: "non-scaling-stroke" } as const;
const over = { stroke: "#ffffff", strokeWidth: 1.5, vectorEffect: "non-scaling-stroke" } as const;
