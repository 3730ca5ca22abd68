import type { Leftover } from "../../ipc/bindings";

/** What tells people most about a record, of the fields that are texts. */
const TELLING = ["text", "full_name", "label"];

/** What a person would know a leftover by; `null` where it holds no words. */
export function leftoverWords({ fields }: Leftover): string | null {
  const all: unknown = JSON.parse(fields);
  if (typeof all !== "object" || all === null) return null;
  const values = new Map(Object.entries(all));
  const words = TELLING.map((field) => values.get(field)).find((value) => typeof value === "string" && value !== "");
  return typeof words === "string" ? words : null;
}
