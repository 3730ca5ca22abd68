import type {
  Finding,
  HistoryEntry,
  Measured,
  Measurements,
  Outline,
  PhotoMeasured,
  PhotoQuality,
  Quality,
} from "../ipc/bindings";
import type { DemoClinic } from "./demoClinic";
import { fail, type Handlers, now } from "./demoWire";
import { dice } from "./syntheticAnalyses";

/** Of every photo of the demo clinic. */
const DERIVATIVE = { width: 1024, height: 768 };
const FINDINGS: Finding[] = ["blurred", "dark", "overexposed", "glare", "no_lesion"];

/** Judges photos by their names, finds an outline in each, and measures by simple formulas what the core measures with care. */
export class DemoMeasuring {
  /** How good a kept photo is, where that was judged. */
  qualities = new Map<string, PhotoQuality>();
  /** Photos in which nothing is found. */
  nothingIn = new Set<string>();
  private saved = new Map<string, PhotoMeasured>();

  constructor(private readonly clinic: DemoClinic) {}

  readonly handlers: Handlers = {
    measure_photo: ({ photoId, corners, millimetresPerPixel }) =>
      this.measure(String(photoId), corners as Outline | null, millimetresPerPixel as number | null),
    save_outline: ({ photoId, corners, millimetresPerPixel }) => {
      if (this.clinic.signedIn?.role === "PATIENT") fail("not_allowed");
      const measured =
        this.measure(String(photoId), corners as Outline, millimetresPerPixel as number | null) ?? fail("not_found");
      const made: PhotoMeasured = {
        version: "1",
        ...measured,
        millimetres_per_pixel: millimetresPerPixel as number | null,
        is_found: JSON.stringify(corners) === JSON.stringify(found(String(photoId))),
        saved_by: this.clinic.author(),
        at: now(),
      };
      this.saved.set(String(photoId), made);
      this.clinic.tell({ what: ["photos"], patient_id: null });
      return made;
    },
  };

  /** What the file's name says is wrong with it: "IMG_1 blurred dark.jpg". */
  judge(name: string): Quality {
    const findings = FINDINGS.filter((one) => name.includes(one));
    return { detail: 0.4, lightness: 62, clipped: 0, glare: 0, hidden: 0, contrast: 18, findings };
  }

  keep(entry: HistoryEntry, findings: Finding[], kept_anyway: boolean): void {
    entry.findings = findings;
    this.qualities.set(entry.photo_id, { version: "1", findings, kept_anyway });
  }

  of({ photo_id, kept_at }: HistoryEntry): PhotoMeasured | null {
    const saved = this.saved.get(photo_id);
    if (saved) return saved;
    const found = this.measure(photo_id, null, null);
    return (
      found && { version: "1", ...found, millimetres_per_pixel: null, is_found: true, saved_by: null, at: kept_at }
    );
  }

  measure(photoId: string, corners: Outline | null, scale: number | null): Measured | null {
    if (scale !== null && !(scale > 0)) fail("scale_invalid");
    if (corners && (corners.length < 3 || corners.length > 500 || crosses(corners))) fail("outline_invalid");
    if (!corners && this.nothingIn.has(photoId)) return null;
    const outline = corners ?? found(photoId);
    return { outline, measurements: numbersOf(outline, scale) };
  }
}

/** Something like the spot that is drawn for a photo. */
function found(photoId: string): Outline {
  const roll = dice([...photoId].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7));
  const waves = [2, 3, 5].map((turns) => ({ turns, size: 0.12 * roll(), at: roll() * 6 }));
  return Array.from({ length: 120 }, (_, nth) => {
    const angle = (nth / 120) * 2 * Math.PI;
    const bulge = waves.reduce((sum, { turns, size, at }) => sum + size * Math.sin(turns * angle + at), 1);
    return [0.5 + 0.16 * bulge * Math.cos(angle), 0.5 + 0.2 * bulge * Math.sin(angle)];
  });
}

function numbersOf(outline: Outline, scale: number | null): Measurements {
  const points = outline.map(([x, y]) => [x * DERIVATIVE.width, y * DERIVATIVE.height] as const);
  let area = 0;
  let perimeter = 0;
  points.forEach(([x, y], nth) => {
    const [nextX, nextY] = points[(nth + 1) % points.length] ?? [0, 0];
    area += (x * nextY - nextX * y) / 2;
    perimeter += Math.hypot(nextX - x, nextY - y);
  });
  area = Math.abs(area);
  const diameter = Math.max(...points.flatMap(([x, y]) => points.map(([u, v]) => Math.hypot(u - x, v - y))));
  const compactness = perimeter ** 2 / (4 * Math.PI * area);
  return {
    area: (100 * area) / (DERIVATIVE.width * DERIVATIVE.height),
    asymmetry_long: Math.min(1, (compactness - 1) / 4),
    asymmetry_short: Math.min(1, (compactness - 1) / 6),
    compactness,
    colour_deviation: 14.2,
    diameter_px: diameter,
    diameter_mm: scale && diameter * scale,
    area_mm2: scale && area * scale ** 2,
  };
}

function crosses(outline: Outline): boolean {
  const at = (nth: number) => outline[nth % outline.length] ?? [0, 0];
  const side = (a: number[], b: number[], c: number[]) =>
    Math.sign(
      ((b[0] ?? 0) - (a[0] ?? 0)) * ((c[1] ?? 0) - (a[1] ?? 0)) -
        ((b[1] ?? 0) - (a[1] ?? 0)) * ((c[0] ?? 0) - (a[0] ?? 0)),
    );
  for (let one = 0; one < outline.length; one += 1)
    for (let other = one + 2; other < outline.length; other += 1) {
      if (one === 0 && other === outline.length - 1) continue;
      const [a, b, c, d] = [at(one), at(one + 1), at(other), at(other + 1)];
      if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0) return true;
    }
  return false;
}
