import type { Leftover } from "../../ipc/bindings";

/** What tells people most about a record, of the fields that are texts. */
const TELLING = ["text", "full_name", "label"];

/** Of a photo that the centre had, only the outline that somebody drew over it. */
export function isOutline({ kind, fields }: Leftover): boolean {
  const all: unknown = JSON.parse(fields);
  return kind === "photo" && typeof all === "object" && all !== null && Object.keys(all).join() === "outline";
}

/** What a person would know a leftover by; `null` where it holds no words. */
export function leftoverWords({ fields }: Leftover): string | null {
  const all: unknown = JSON.parse(fields);
  if (typeof all !== "object" || all === null) return null;
  const values = new Map(Object.entries(all));
  const words = TELLING.map((field) => values.get(field)).find((value) => typeof value === "string" && value !== "");
  return typeof words === "string" ? words : null;
}
