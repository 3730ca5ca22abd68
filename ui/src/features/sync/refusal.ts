import type { RecordKind } from "../../ipc/bindings";

/** What somebody can do about it. */
type Refusal = "correct" | "missing" | "deleted" | "not_yours" | "passes" | "support";

/** By the code with which the centre's reason begins; everything else is for support. */
const WORDS: Record<string, Refusal> = {
  check: "correct",
  malformed: "correct",
  too_large: "correct",
  missing: "missing",
  deleted: "deleted",
  not_yours: "not_yours",
};

/** Photos, results and acknowledgements never change: nobody can correct one. */
const EDITABLE: RecordKind[] = ["person", "patient", "lesion", "note"];

/** A sentence for the technical reason why something was not taken. */
export function refusalWord(kind: RecordKind, reason: string): Refusal {
  const [code = ""] = reason.split(":");
  if (/can't be reached|is busy/.test(code)) return "passes";
  const word = WORDS[code.trim()] ?? "support";
  return word === "correct" && !EDITABLE.includes(kind) ? "support" : word;
}
