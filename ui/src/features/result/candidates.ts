import type { AnalysisDone, Asked, FurtherOpinion, ModelRow, PhotoDetail, RiskLevel } from "../../ipc/bindings";

/** As the core orders them: what nobody can judge is looked at before what is moderately worrying. */
const MOST_WORRYING_FIRST: RiskLevel[] = ["URGENT", "HIGH", "UNCERTAIN", "MEDIUM", "LOW"];
const rank = (risk: RiskLevel) => MOST_WORRYING_FIRST.indexOf(risk);

/** Of the further opinions the most worrying, if it is more so than the first result or there is no first result yet. */
export function moreWorrying({ entry, opinions }: Pick<PhotoDetail, "entry" | "opinions">): AnalysisDone | null {
  const first = entry.analysis.state === "done" ? rank(entry.analysis.risk) : Number.POSITIVE_INFINITY;
  return opinions
    .flatMap(({ analysis }) => (analysis.state === "done" ? [analysis] : []))
    .reduce<AnalysisDone | null>(
      (worst, one) => (rank(one.risk) < (worst ? rank(worst.risk) : first) ? one : worst),
      null,
    );
}

/** Somebody has to look: any of them, whoever said it first, is urgent or is to be reviewed. */
export function needsSomebody({ entry, opinions }: Pick<PhotoDetail, "entry" | "opinions">): boolean {
  return [entry.analysis, ...opinions.map(({ analysis }) => analysis)].some(
    (one) => one.state === "done" && (one.risk === "URGENT" || one.review),
  );
}

export type Candidate = { of: Asked; model: ModelRow | null };

/** Who has not spoken about the photo and was not asked. Online analysis may change its mind, so it is asked as often as one likes. */
export function candidates(
  { entry, opinions }: Pick<PhotoDetail, "entry" | "opinions">,
  models: ModelRow[],
  spaceIsSet: boolean,
): Candidate[] {
  const first = entry.analysis;
  const all = [first, ...opinions.map(({ analysis }) => analysis)];
  const known = (model: ModelRow) =>
    all.some((one) => one.state === "done" && one.model_sha256 === model.sha256) ||
    opinions.some(({ asked_of }) => modelOf(asked_of) === model.sha256) ||
    // It is about to speak.
    (first.state === "pending" && model.active);
  const waits = opinions.some(({ analysis, asked_of }) => asked_of === "space" && analysis.state === "pending");
  const others = models.filter((model) => model.usable && !known(model));
  return [
    ...others.map((model): Candidate => ({ of: { model: model.sha256 }, model })),
    ...(spaceIsSet && !waits ? [{ of: "space", model: null } as const] : []),
  ];
}

/** The hash of the model that was asked. */
export function modelOf(asked: FurtherOpinion["asked_of"]): string | null {
  return asked && asked !== "space" ? asked.model : null;
}
