import type { TFunction } from "i18next";
import type { AnalysisDone, LesionClass } from "../../ipc/bindings";

const CANCERS: LesionClass[] = ["MEL", "BCC", "SCC"];

/**
 * What to do first, what next, and what to tell the patient. The risk decides the first step and the day; the class adds what
 * to look for and what it means. Referral, protection and watching only, as guidance for primary care has it: NICE NG12
 * (referral; change, size, border and colour of a pigmented lesion), the guidelines of the British Association of
 * Dermatologists on melanoma, basal cell carcinoma, squamous cell carcinoma and actinic keratosis (sites at risk, signs of
 * growth, lymph nodes), WHO on protection from the sun.
 */
export function todoSteps(
  t: TFunction,
  { risk, rule, top_class }: Pick<AnalysisDone, "risk" | "rule" | "top_class">,
  date: string,
): [first: string, next: string, tell: string] {
  const leave = t("todo.leave");
  const look = t(`todo.next.${top_class}`);
  const tell = t(`todo.tell.${risk}`);
  const first = t(`todo.first.${rule === "outside_model" ? rule : risk}`, { date });
  switch (risk) {
    // Melanoma alone makes a lesion urgent, whichever class comes first.
    case "URGENT": {
      const suspicion = top_class === "MEL" ? "" : t("todo.suspicion", { name: t(`class.${top_class}`) });
      return [first, said(suspicion, look, leave), said(tell, t("todo.means.MEL"))];
    }
    // What it would mean is not to be told where nobody knows what it is.
    case "UNCERTAIN":
      return [first, said(CANCERS.includes(top_class) ? t("todo.cautious") : "", look, leave), tell];
    case "HIGH":
      return [first, said(look, leave), said(tell, t(`todo.means.${top_class}`))];
    default:
      return [first, look, said(tell, t(`todo.means.${top_class}`))];
  }
}

function said(...sentences: string[]): string {
  return sentences.filter(Boolean).join(" ");
}
