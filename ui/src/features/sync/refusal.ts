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

/** A sentence for the technical reason why something was not taken. */
export function refusalWord(reason: string): Refusal {
  const [code = ""] = reason.split(":");
  if (/can't be reached|is busy/.test(code)) return "passes";
  return WORDS[code.trim()] ?? "support";
}
