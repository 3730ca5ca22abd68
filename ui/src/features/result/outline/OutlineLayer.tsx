import { testIds } from "../../../design/testIds";
import type { Outline } from "../../../ipc/bindings";
import type { Ruler } from "./scale";
import type { Point, Size } from "./sculpt";

const layer = { position: "absolute", inset: 0, width: "100%", height: "100%", overflow: "visible" } as const;

/** A light line on a dark one, seen on any skin and as thin at every zoom; what lies under it stays readable. */
export function OutlineLayer({ outline, ruler, size }: { outline: Outline | null; ruler: Ruler | null; size: Size }) {
  const points = (corners: Point[]) => corners.map(([x, y]) => `${x * size.width},${y * size.height}`).join(" ");
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
