import { localDay } from "../design/format";
import type { AnalysisDone, BodySite, LesionClass, RiskLevel, RiskRule } from "../ipc/bindings";

const CLASSES: LesionClass[] = ["ACK", "BCC", "MEL", "NEV", "SCC", "SEK"];
const RAISED: BodySite[] = ["face", "neck", "hands", "feet", "genitals"];
const BY_CLASS: Record<LesionClass, RiskLevel> = {
  MEL: "URGENT",
  BCC: "HIGH",
  SCC: "HIGH",
  ACK: "MEDIUM",
  NEV: "LOW",
  SEK: "LOW",
};
const DAYS: Record<RiskLevel, number> = { URGENT: 1, HIGH: 7, UNCERTAIN: 7, MEDIUM: 30, LOW: 90 };

/** Small, seeded and even enough for demo data. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function madeUpShares(roll: () => number): Record<LesionClass, number> {
  const weights = CLASSES.map(
    (name) => (roll() ** 4 + 0.01) * (name === "NEV" || name === "SEK" ? 2.5 : name === "MEL" ? 0.7 : 1),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return Object.fromEntries(CLASSES.map((name, nth) => [name, (weights[nth] ?? 0) / sum])) as Record<
    LesionClass,
    number
  >;
}

/** What the core would say; the policy itself is the core's and is only imitated here. */
export function madeUpAnalysis(
  id: string,
  shares: Record<LesionClass, number>,
  site: BodySite,
  madeAt: string,
  demo: boolean,
): AnalysisDone {
  const probabilities = CLASSES.map((name) => ({ class: name, probability: shares[name] })).sort(
    (a, b) => b.probability - a.probability,
  );
  const top = probabilities[0] ?? { class: "NEV" as const, probability: 1 };
  const { risk, rule } = verdict(shares.MEL, top.class, top.probability, site);
  const confidence = top.probability;
  return {
    id,
    risk,
    rule,
    top_class: top.class,
    probabilities,
    confidence,
    confidence_word: confidence >= 0.8 ? "HIGH" : confidence >= 0.6 ? "MEDIUM" : confidence >= 0.4 ? "LOW" : "VERY_LOW",
    review: ["MEL", "BCC", "SCC"].includes(top.class) || confidence < 0.5 || risk === "UNCERTAIN",
    follow_up_days: DAYS[risk],
    follow_up_by: localDay(new Date(Date.parse(madeAt) + DAYS[risk] * 86_400_000).toISOString()),
    model_name: demo ? "SeekWell ViT demo" : "SeekWell ViT v2",
    model_sha256: "a91c5e0f4b7d2c8861f3e2a9905b7cd4418e6f20b3a7c9d8e1f4052736b98d07",
    demo,
    published_accuracy: demo ? null : 0.69,
    policy: "2026.1",
    pipeline: "1",
    made_at: madeAt,
    duration_ms: 121,
  };
}

function verdict(
  melanoma: number,
  top: LesionClass,
  share: number,
  site: BodySite,
): { risk: RiskLevel; rule: RiskRule } {
  if (melanoma >= 0.3) return { risk: "URGENT", rule: "melanoma_threshold" };
  if (share < 0.4) return { risk: "UNCERTAIN", rule: "top_too_low" };
  const risk = BY_CLASS[top];
  if (!RAISED.includes(site)) return { risk, rule: "by_class" };
  if (risk === "LOW") return { risk: "MEDIUM", rule: "raised_by_site" };
  if (risk === "MEDIUM") return { risk: "HIGH", rule: "raised_by_site" };
  return { risk, rule: "by_class" };
}
