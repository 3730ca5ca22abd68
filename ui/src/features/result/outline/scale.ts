import { DERIVATIVE_SIDE } from "../view";
import { distance, inPicture, type Point, type Size } from "./sculpt";

/** The two ends of a known distance in the photo. */
export type Ruler = [Point, Point];

const MARKS_APART = 0.3;
const MARKS_BELOW = 0.15;

/** Where the marks lie before somebody puts them on a ruler: well in what is seen of the photo, and not on the lesion in its middle. */
export function rulerAtFirst([x, y]: Point, zoom: number): Ruler {
  const half = MARKS_APART / 2 / zoom;
  const below = inPicture(y + MARKS_BELOW / zoom);
  return [
    [inPicture(x - half), below],
    [inPicture(x + half), below],
  ];
}

/** The picture that the numbers speak of: never larger than the original. */
export function derivativeSize({ width, height }: Size): Size {
  const shrunk = Math.min(1, DERIVATIVE_SIDE / Math.max(width, height));
  return { width: width * shrunk, height: height * shrunk };
}

/** "12,5" and "12.5" alike; null where that is no distance. */
export function parseMillimetres(typed: string): number | null {
  const text = typed.trim().replace(",", ".");
  if (!/^\d*\.?\d+$/.test(text)) return null;
  const value = Number(text);
  return value > 0 ? value : null;
}

/** Of the derivative; null where the marks lie on one another. */
export function millimetresPerPixel([from, to]: Ruler, millimetres: number, original: Size): number | null {
  const pixels = distance(from, to, derivativeSize(original));
  return pixels > 0 ? millimetres / pixels : null;
}
