import { describe, expect, it } from "vitest";
import { i18next } from "../app/i18n/i18n";
import { todoSteps } from "../features/result/todoWords";
import type { LesionClass, RiskLevel, RiskRule } from "../ipc/bindings";
import { rawKeys } from "./rawKeys";

const CLASSES: LesionClass[] = ["ACK", "BCC", "MEL", "NEV", "SCC", "SEK"];
/** What the policy can give each class: melanoma's threshold and doubt any of them, the rest by class and site. */
const BY_CLASS: [LesionClass, RiskLevel, RiskRule][] = [
  ["MEL", "URGENT", "by_class"],
  ["BCC", "HIGH", "by_class"],
  ["SCC", "HIGH", "by_class"],
  ["ACK", "MEDIUM", "by_class"],
  ["ACK", "HIGH", "raised_by_site"],
  ["NEV", "LOW", "by_class"],
  ["NEV", "MEDIUM", "raised_by_site"],
  ["SEK", "LOW", "by_class"],
  ["SEK", "MEDIUM", "raised_by_site"],
];
const ALL: [LesionClass, RiskLevel, RiskRule][] = [
  ...BY_CLASS,
  ...CLASSES.flatMap((top): [LesionClass, RiskLevel, RiskRule][] => [
    [top, "URGENT", "melanoma_threshold"],
    [top, "UNCERTAIN", "top_too_low"],
    [top, "UNCERTAIN", "outside_model"],
  ]),
];
const steps = (language: "vi" | "en", [top_class, risk, rule]: (typeof ALL)[number]) =>
  todoSteps(i18next.getFixedT(language), { top_class, risk, rule }, "23/11/2026");

describe.each(["vi", "en"] as const)("what to do, in %s", (language) => {
  it.each(ALL)("%s %s by %s: three different steps, the first with its day", (...combination) => {
    const three = steps(language, combination);
    expect(new Set(three).size).toBe(3);
    expect(three[0]).toContain("23/11/2026");
    for (const step of three) {
      expect(step.length).toBeGreaterThan(20);
      expect(rawKeys(step)).toEqual([]);
      expect(step).not.toMatch(/\{\{|undefined|_/);
    }
  });

  it("says something of its own for each class of a risk", () => {
    const risks = new Set(ALL.map(([, risk]) => risk));
    for (const risk of risks) {
      const same = ALL.filter((one) => one[1] === risk && one[2] !== "outside_model");
      const byClass = new Map(same.map((one) => [one[0], steps(language, one).join(" ")]));
      expect(new Set(byClass.values()).size, risk).toBe(byClass.size);
    }
  });

  it("calls no urgent or uncertain lesion harmless", () => {
    const harmless = /harmless|lành tính/;
    for (const one of ALL.filter(([, risk]) => risk === "URGENT" || risk === "UNCERTAIN" || risk === "HIGH"))
      expect(steps(language, one).join(" ")).not.toMatch(harmless);
  });
});

describe("an uncertain result", () => {
  it("says what it is, and does not wait where a cancer comes first", () => {
    const [first, next] = steps("en", ["MEL", "UNCERTAIN", "top_too_low"]);
    expect(first).toMatch(/^Uncertain is neither a suspicion nor an all-clear/);
    expect(next).toMatch(/can be a cancer/);
    expect(steps("en", ["NEV", "UNCERTAIN", "top_too_low"])[1]).not.toMatch(/cancer/);
    expect(steps("en", ["NEV", "UNCERTAIN", "outside_model"])[0]).toMatch(/ordinary photo/);
  });

  it("names melanoma where it makes another class urgent", () => {
    expect(steps("en", ["SEK", "URGENT", "melanoma_threshold"])[1]).toMatch(/^Seborrhoeic keratosis comes first, but/);
    expect(steps("en", ["MEL", "URGENT", "melanoma_threshold"])[1]).not.toMatch(/comes first/);
  });
});
