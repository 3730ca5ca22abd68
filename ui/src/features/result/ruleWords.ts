import type { AnalysisDone, LesionClass } from "../../ipc/bindings";

const MELANOMA_FROM = 0.3;
const UNCERTAIN_BELOW = 0.4;
const NEAR = 0.01;

/** The numbers that the rule's sentence needs. A share beside its threshold gets a decimal: "30 %, below 30 %" says nothing. */
export function ruleNumbers(analysis: AnalysisDone): {
  about: LesionClass;
  share: number;
  digits: number;
  threshold: number;
} {
  const { rule, top_class, confidence, probabilities } = analysis;
  const melanoma = probabilities.find((one) => one.class === "MEL")?.probability ?? 0;
  const [about, share, threshold]: [LesionClass, number, number] =
    rule === "melanoma_threshold" ? ["MEL", melanoma, MELANOMA_FROM] : [top_class, confidence, UNCERTAIN_BELOW];
  return { about, share, threshold, digits: Math.abs(share - threshold) < NEAR ? 1 : 0 };
}
