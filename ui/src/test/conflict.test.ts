import { describe, expect, it } from "vitest";
import { i18next } from "../app/i18n/i18n";
import { formatter, type Language } from "../design/format";
import { fieldWords, valueWords } from "../features/sync/conflictWords";
import { isOutline } from "../features/sync/leftoverWords";

const words = (language: Language, field: string, value: unknown) =>
  valueWords(i18next.getFixedT(language), formatter(language), field, JSON.stringify(value));

describe("the values of a conflict", () => {
  it("are what a person recorded, and no raw record", () => {
    const outline = {
      version: "2026.1",
      outline: [[0.1, 0.1]],
      measurements: { area: 12.4 },
      by: "0190aaaa-0000-7000-8000-000000000000",
      at: "2026-11-26T03:00:00.000Z",
    };
    expect(words("en", "outline", outline)).toMatch(/^Drawn 26\/11\/2026 .*, 12% of the photo$/);
    expect(words("vi", "outline", outline)).toMatch(/^Vẽ lúc 26\/11\/2026 .*, chiếm 12\u00a0% ảnh$/);
    expect(words("en", "legal_hold", true)).toBe("On: nothing may be deleted");
    expect(words("vi", "legal_hold", false)).toBe("Tắt");
  });

  it("have a name that the screens use", () => {
    expect(fieldWords(i18next.getFixedT("en"), "outline")).toBe("Outline of the lesion");
    expect(fieldWords(i18next.getFixedT("en"), "legal_hold")).toBe("Legal hold");
  });

  it("are told from a whole photo where only a line over it was left", () => {
    const left = (fields: object) => ({
      kind: "photo" as const,
      record: "1",
      patient_id: null,
      fields: JSON.stringify(fields),
      at: "",
    });
    expect(isOutline(left({ outline: {} }))).toBe(true);
    expect(isOutline(left({ outline: {}, kind: "clinical" }))).toBe(false);
  });

  it("are shown as they came where a later version wrote them", () => {
    expect(words("en", "outline", { circle: 1 })).toBe('{"circle":1}');
  });
});
