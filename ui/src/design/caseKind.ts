import type { RiskLevel } from "../ipc/bindings";

/** A case that somebody takes on at once, or one that a doctor is to look at. */
export type CaseKind = "urgent" | "review";

export function caseKind(risk: RiskLevel): CaseKind {
  return risk === "URGENT" ? "urgent" : "review";
}
