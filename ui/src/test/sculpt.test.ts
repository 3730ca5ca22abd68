import { describe, expect, it } from "vitest";
import { type Editing, editingAfter, placeOf, startEditing } from "../features/result/outline/editing";
import { derivativeSize, millimetresPerPixel, parseMillimetres, rulerAtFirst } from "../features/result/outline/scale";
import { distance, ellipse, handlesOf, type Point, pulled, refined } from "../features/result/outline/sculpt";
import { inSight, whole } from "../features/result/view";
import type { Outline } from "../ipc/bindings";

const size = { width: 1024, height: 768 };
const square: Outline = [
  [0.25, 0.25],
  [0.75, 0.25],
  [0.75, 0.75],
  [0.25, 0.75],
];
/** As large as it may be, with one very long edge. */
const detailed: Outline = Array.from({ length: 500 }, (_, nth) => {
  const angle = (nth / 500) * Math.PI;
  return [0.5 + 0.3 * Math.cos(angle), 0.6 - 0.3 * Math.sin(angle)];
});

/** Which crossing of edges there is, if any. */
function crosses(outline: Outline): boolean {
  const corner = (nth: number) => outline[nth % outline.length] as Point;
  const side = (a: Point, b: Point, c: Point) =>
    Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
  return outline.some((_, one) =>
    outline.some((__, other) => {
      if (other < one + 2 || (one === 0 && other === outline.length - 1)) return false;
      const [a, b, c, d] = [corner(one), corner(one + 1), corner(other), corner(other + 1)];
      return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
    }),
  );
}

describe("the contour before it is pulled", () => {
  it("gets corners on its edges and keeps its shape", () => {
    const fine = refined(square, size);
    expect(fine.length).toBeGreaterThanOrEqual(90);
    for (const corner of square) expect(fine).toContainEqual(corner);
    for (const [x, y] of fine) expect([x, y].some((share) => share === 0.25 || share === 0.75)).toBe(true);
  });
  it("never gets more corners than the core takes", () => {
    expect(refined(detailed, size)).toHaveLength(500);
    expect(refined(detailed.slice(0, 450), size).length).toBeLessThanOrEqual(500);
  });
  it("has handles that lie evenly to the eye, the first at the top", () => {
    const fine = refined(ellipse(size), size);
    const handles = handlesOf(fine, size);
    expect(handles).toHaveLength(16);
    const places = handles.map((nth) => fine[nth] as Point);
    expect(places[0]?.[1]).toBe(Math.min(...fine.map(([, y]) => y)));
    const gaps = places.map((place, nth) => distance(place, places[(nth + 1) % 16] as Point, size));
    expect(Math.max(...gaps) / Math.min(...gaps)).toBeLessThan(1.3);
  });
  it("is round to the eye where none was found", () => {
    const radii = ellipse(size).map((corner) => distance([0.5, 0.5], corner, size));
    for (const radius of radii) expect(radius).toBeCloseTo(0.2 * 768, 6);
  });
});

describe("pulling a handle", () => {
  const fine = refined(ellipse(size), size);
  const handles = handlesOf(fine, size);
  const top = handles[0] as number;
  const to: Point = [fine[top]?.[0] ?? 0, (fine[top]?.[1] ?? 0) - 0.1];
  const after = pulled(fine, top, to, size);
  const lift = (nth: number) => (fine[nth]?.[1] ?? 0) - (after[nth]?.[1] ?? 0);

  it("moves it there, the next ones less, and the far side not at all", () => {
    expect(after[top]?.[0]).toBeCloseTo(to[0]);
    expect(after[top]?.[1]).toBeCloseTo(to[1]);
    expect(lift(handles[1] as number)).toBeGreaterThan(0.01);
    expect(lift(handles[1] as number)).toBeLessThan(0.05);
    expect(lift(handles[15] as number)).toBeCloseTo(lift(handles[1] as number), 2);
    for (const far of [3, 8, 13]) expect(after[handles[far] as number]).toEqual(fine[handles[far] as number]);
    expect(crosses(after)).toBe(false);
  });
  it("falls off without a jump", () => {
    const steps = fine.map((_, nth) => Math.abs(lift(nth) - lift((nth + 1) % fine.length)));
    expect(Math.max(...steps)).toBeLessThan(0.025);
  });
  it("makes a bulge of a long pull, and no spike", () => {
    const long = pulled(fine, top, [0.5, 0], size);
    const width = (outline: Outline) => {
      const high = outline.filter(([, y]) => y < 0.2);
      return Math.max(...high.map(([x]) => x)) - Math.min(...high.map(([x]) => x));
    };
    expect(long[top]?.[1]).toBe(0);
    expect(width(long)).toBeGreaterThan(0.15);
    expect(long[handles[8] as number]).toEqual(fine[handles[8] as number]);
    expect(crosses(long)).toBe(false);
  });
  it("leaves the picture nowhere", () => {
    const out = pulled(fine, top, [0.5, -3], size);
    expect(out[top]?.[1]).toBe(0);
    for (const share of out.flat()) {
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThanOrEqual(1);
    }
  });
});

describe("the steps of an edit", () => {
  const begin = () => startEditing(square, null, "outline", size);
  const grip = { of: "outline", nth: 4 } as const;
  const pull = (state: Editing, x: number) => editingAfter(state, { do: "pull", grip, to: [x, 0.5], size });

  it("a drag is one step, however it wanders, and is measured from where it began", () => {
    const start = begin();
    let state = editingAfter(start, { do: "hold" });
    for (const x of [0.5, 0.95, 0.8]) state = pull(state, x);
    expect(placeOf(state, grip)[0]).toBeCloseTo(0.8);
    expect(state.drawn.corners).toEqual(pull(start, 0.8).drawn.corners);
    expect(state.past).toHaveLength(1);
    state = editingAfter(state, { do: "release" });
    const back = editingAfter(state, { do: "undo" });
    expect(back.drawn).toBe(start.drawn);
    expect(editingAfter(back, { do: "undo" })).toBe(back);
  });
  it("a press that moves nothing is none", () => {
    const state = editingAfter(editingAfter(begin(), { do: "hold" }), { do: "release" });
    expect(state.past).toHaveLength(0);
  });
  it("a key that is held down is one step, two presses are two", () => {
    const nudge = (state: Editing, on: boolean) => editingAfter(state, { do: "nudge", grip, by: [0.01, 0], size, on });
    const start = begin();
    const held = nudge(nudge(nudge(start, false), true), true);
    expect(held.past).toHaveLength(1);
    expect(placeOf(held, grip)[0]).toBeCloseTo(placeOf(start, grip)[0] + 0.03);
    expect(nudge(held, false).past).toHaveLength(2);
  });
  it("another outline that was found can be taken back too", () => {
    const found = editingAfter(begin(), { do: "found", outline: ellipse(size), size });
    expect(found.drawn.handles).toHaveLength(16);
    expect(editingAfter(found, { do: "undo" }).drawn.corners).toContainEqual([0.25, 0.25]);
  });
  it("a mark on the ruler makes a scale, and only then is there one", () => {
    const start = startEditing(square, null, "ruler", size);
    expect(start.drawn.scale).toEqual({ of: "none" });
    const placed = editingAfter(start, { do: "pull", grip: { of: "ruler", nth: 1 }, to: [2, 0.5], size });
    expect(placed.drawn.scale).toEqual({ of: "ruler", ends: [start.laid[0], [1, 0.5]] });
    expect(placed.drawn.corners).toBe(start.drawn.corners);
    expect(editingAfter(placed, { do: "no_scale" }).drawn.scale).toEqual({ of: "none" });
    expect(startEditing(square, 0.05, "outline", size).drawn.scale).toEqual({ of: "kept", perPixel: 0.05 });
  });
});

describe("the scale", () => {
  it.each([
    ["10", 10],
    [" 2,5 ", 2.5],
    ["2.5", 2.5],
    [".5", 0.5],
    ["0", null],
    ["-3", null],
    ["1e3", null],
    ["1.000,5", null],
    ["", null],
    ["mười", null],
  ])("reads %s as %s", (typed, millimetres) => expect(parseMillimetres(typed)).toBe(millimetres));
  it("is one of the derivative, which is never larger than the original", () => {
    expect(derivativeSize({ width: 4096, height: 3072 })).toEqual({ width: 1024, height: 768 });
    expect(derivativeSize({ width: 600, height: 800 })).toEqual({ width: 600, height: 800 });
    const across: [Point, Point] = [
      [0.25, 0.5],
      [0.75, 0.5],
    ];
    const down: [Point, Point] = [
      [0.5, 0],
      [0.5, 1],
    ];
    expect(millimetresPerPixel(across, 10, { width: 4096, height: 3072 })).toBeCloseTo(10 / 512);
    expect(millimetresPerPixel(down, 10, { width: 4096, height: 3072 })).toBeCloseTo(10 / 768);
    expect(millimetresPerPixel([across[0], across[0]], 10, size)).toBeNull();
  });
});

describe("the marks of the ruler", () => {
  it("begin in sight and apart, wherever one has zoomed to", () => {
    expect(rulerAtFirst([0.5, 0.5], 1)).toEqual([
      [0.35, 0.65],
      [0.65, 0.65],
    ]);
    const [left, right] = rulerAtFirst([0.9, 0.95], 3);
    expect(left[0]).toBeCloseTo(0.85);
    expect(right[0]).toBeCloseTo(0.95);
    expect(left[1]).toBe(1);
  });
});

describe("bringing a point of the photo into sight", () => {
  const frame = { width: 4000, height: 3000, frameWidth: 800, frameHeight: 600 };
  it("moves nothing where it is in sight, and just enough where it is not", () => {
    expect(inSight(whole, { x: 0.5, y: 0.5 }, frame)).toEqual(whole);
    const near = { zoom: 4, x: 0, y: 0 };
    expect(inSight(near, { x: 0.52, y: 0.5 }, frame)).toEqual(near);
    const seen = inSight(near, { x: 0.9, y: 0.5 }, frame);
    expect(seen.y).toBe(0);
    expect(seen.x + 0.4 * 3200).toBeCloseTo(400 - 72);
  });
});
