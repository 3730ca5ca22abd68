import type { Outline } from "../../../ipc/bindings";

/** A share, 0 to 1, of the picture's width and height from the upper left. */
export type Point = [x: number, y: number];
/** A picture's width and height: lengths along a contour are those that the eye sees, not shares. */
export type Size = { width: number; height: number };

export const HANDLES = 16;
/** The core takes no more. */
const MOST_CORNERS = 500;
/** Enough for a pulled contour to stay round. */
const SMOOTH_EDGES = 96;
/** Of the way from one handle to the next: how far a pull is felt along the contour. */
const REACH = 1.7;
/** A long pull takes more along, of its own length, so that it makes a bulge and no spike. */
const LONG_REACH = 1.2;
const ELLIPSE_CORNERS = 96;
const ELLIPSE_SHARE = 0.2;

/** The same contour with corners on its long edges, so that a pull bends it instead of moving one corner of few. */
export function refined(outline: Outline, size: Size): Outline {
  const room = Math.min(SMOOTH_EDGES, MOST_CORNERS - outline.length);
  if (room < 1) return outline;
  const longest = perimeter(outline, size) / room;
  if (!(longest > 0)) return outline;
  return outline.flatMap((corner, nth) => {
    const next = at(outline, nth + 1);
    const pieces = Math.max(1, Math.ceil(distance(corner, next, size) / longest));
    return Array.from({ length: pieces }, (_, piece) => between(corner, next, piece / pieces));
  });
}

/** Which corners are handles: spread evenly along the contour, the topmost first. */
export function handlesOf(outline: Outline, size: Size, count = HANDLES): number[] {
  const top = outline.reduce((best, corner, nth) => (corner[1] < at(outline, best)[1] ? nth : best), 0);
  const along = lengthsFrom(outline, top, size);
  const whole = perimeter(outline, size);
  const handles = Array.from({ length: count }, (_, nth) => {
    const wanted = (nth / count) * whole;
    const nearest = along.reduce(
      (best, length, corner) => (Math.abs(length - wanted) < Math.abs((along[best] ?? 0) - wanted) ? corner : best),
      0,
    );
    return (top + nearest) % outline.length;
  });
  return [...new Set(handles)];
}

/** The contour after one of its corners was pulled to `to`: what lies near follows, ever less the further along it lies. */
export function pulled(outline: Outline, corner: number, to: Point, size: Size, handles = HANDLES): Outline {
  const from = at(outline, corner);
  const by: Point = [inPicture(to[0]) - from[0], inPicture(to[1]) - from[1]];
  const whole = perimeter(outline, size);
  const far = distance(from, [from[0] + by[0], from[1] + by[1]], size);
  const reach = Math.min(whole / 2, Math.max((whole / handles) * REACH, far * LONG_REACH));
  const along = lengthsFrom(outline, corner, size);
  return outline.map(([x, y], nth): Point => {
    const length = along[(nth - corner + outline.length) % outline.length] ?? 0;
    const share = falloff(Math.min(length, whole - length) / reach);
    if (share === 0) return [x, y];
    return [inPicture(x + by[0] * share), inPicture(y + by[1] * share)];
  });
}

/** Where no outline was found: an ellipse in the middle, round to the eye. */
export function ellipse({ width, height }: Size): Outline {
  const radius = Math.min(width, height) * ELLIPSE_SHARE;
  return Array.from({ length: ELLIPSE_CORNERS }, (_, nth) => {
    const angle = (nth / ELLIPSE_CORNERS) * 2 * Math.PI - Math.PI / 2;
    return [0.5 + (radius * Math.cos(angle)) / width, 0.5 + (radius * Math.sin(angle)) / height];
  });
}

export function inPicture(share: number): number {
  return Math.min(1, Math.max(0, share));
}

export function distance(a: Point, b: Point, { width, height }: Size): number {
  return Math.hypot((b[0] - a[0]) * width, (b[1] - a[1]) * height);
}

/** 1 where it is pulled, 0 from one reach on, without a kink at either end. */
function falloff(reaches: number): number {
  return reaches >= 1 ? 0 : (1 + Math.cos(Math.PI * reaches)) / 2;
}

function perimeter(outline: Outline, size: Size): number {
  return outline.reduce((sum, corner, nth) => sum + distance(corner, at(outline, nth + 1), size), 0);
}

/** How far each corner lies from `start` along the contour, `start` itself first. */
function lengthsFrom(outline: Outline, start: number, size: Size): number[] {
  let length = 0;
  return outline.map((_, nth) => {
    if (nth > 0) length += distance(at(outline, start + nth - 1), at(outline, start + nth), size);
    return length;
  });
}

function at(outline: Outline, nth: number): Point {
  return outline[nth % outline.length] ?? [0.5, 0.5];
}

function between(a: Point, b: Point, share: number): Point {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
}
