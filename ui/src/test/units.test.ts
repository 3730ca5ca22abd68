import { describe, expect, it } from "vitest";
import { age, formatter } from "../design/format";
import { initials } from "../design/Initials";
import { masked } from "../design/PatientBanner";
import { createSeekWellTheme } from "../design/theme";
import { type Mode, riskColours } from "../design/tokens";
import { type Placement, placementAfter } from "../features/capture/batch";
import { timelineRows } from "../features/history/timelineRows";
import { likeness, parseBorn } from "../features/patients/draft";
import { ruleNumbers } from "../features/result/ruleWords";
import { fitScale, mostZoom, moved, needsOriginal, whole, zoomed } from "../features/result/view";
import type { HistoryEntry } from "../ipc/bindings";
import { SeekWellError, unwrap } from "../ipc/failure";
import { staleAfter } from "../ipc/queries";
import { hoa } from "./demoData";
import { madeUpAnalysis } from "./syntheticAnalyses";

describe("birth as typed", () => {
  const today = new Date(2026, 10, 23);
  it.each([
    ["12/03/1961", "1961-03-12"],
    ["1/2/2003", "2003-02-01"],
    ["12-3-1961", "1961-03-12"],
    ["12.03.1961", "1961-03-12"],
    ["1961-03-12", "1961-03-12"],
    [" 1961 ", "1961"],
    ["29/02/2024", "2024-02-29"],
    ["29/02/2023", null],
    ["31/04/1990", null],
    ["24/11/2026", null],
    ["2027", null],
    ["12/03/61", null],
    ["hôm qua", null],
  ])("%s → %s", (typed, born) => expect(parseBorn(typed, today)).toBe(born));
});

describe("what two records say of one person", () => {
  const lan = { full_name: "Trần Thị Lan", born: "1961", sex: null, phone: null, national_id: null, address: null };
  const records = (change: Partial<typeof hoa>) => ({ ...hoa, ...lan, ...change });
  it.each([
    ["names without their accents", "full_name", { full_name: "tran  thi lan" }, "same"],
    ["another name", "full_name", { full_name: "Trần Thị Lân Anh" }, "differs"],
    ["a day in the same year", "born", { born: "1961-03-12" }, null],
    ["a day in another year", "born", { born: "1962-03-12" }, "differs"],
    ["something beside nothing", "phone", { phone: "0901234118" }, null],
  ] as const)("%s", (_what, name, change, said) => expect(likeness(lan, records(change), name)).toBe(said));

  it.each([
    ["phone", "0901 234 567", "+84 90.123.4567", "same"],
    ["phone", "0901234567", "+84 (0) 901-234-567", "same"],
    ["phone", "024 3825 3531", "+84 24 3825 3531", "same"],
    ["phone", "024 3825 3531", "84 024 38253531", "same"],
    ["phone", "0901234567", "0901234568", "differs"],
    ["phone", "0012345678", "84012345678", "differs"],
    ["phone", "03825353100", "843825353100", "differs"],
    ["phone", "0901234567", " - ", null],
    ["national_id", "001061 007432", "001.061.007.432", "same"],
    ["national_id", "B 1234567", "b1234567", "same"],
    ["national_id", "84901234567", "0901234567", "differs"],
  ] as const)("%s %s beside %s", (name, one, other, said) =>
    expect(likeness({ ...lan, [name]: one }, { ...lan, [name]: other }, name)).toBe(said),
  );
});

describe("what the next photos are about, once these were kept", () => {
  const asked: Placement = {
    site: "back",
    side: "left",
    lesionId: null,
    label: "Nốt ở vai",
    kind: "clinical",
    dermoscopy: { polarised: null, contact: null },
    note: "Ngứa",
  };
  const kept = { lesionId: "L1", all: true };
  it.each([
    ["the same lesion, without the note", {}, kept, { lesionId: "L1", label: "", note: "" }],
    ["the note too, for what was not kept", {}, { ...kept, all: false }, { lesionId: "L1", label: "" }],
    ["nothing else, where nothing was kept", {}, { lesionId: null, all: false }, {}],
    ["another site that was chosen meanwhile", { site: "legs" }, kept, { site: "legs", note: "" }],
    ["another lesion", { lesionId: "L9" }, kept, { lesionId: "L9", note: "" }],
    ["another note", { note: "Đau" }, kept, { lesionId: "L1", label: "", note: "Đau" }],
  ] as const)("%s", (_what, meanwhile, came, expected) =>
    expect(placementAfter({ ...asked, ...meanwhile }, asked, came)).toEqual({ ...asked, ...expected }),
  );
});

describe("numbers and dates in the reader's way", () => {
  const vi = formatter("vi");
  const en = formatter("en");
  it("writes shares", () => {
    expect(vi.percent(0.41)).toBe("41\u00a0%");
    expect(en.percent(0.41)).toBe("41%");
    expect(vi.percent(0.302, 1)).toBe("30,2\u00a0%");
    expect(en.percent(0.9999)).toBe(">\u00a099%");
    expect(en.percent(0.0001)).toBe("<\u00a01%");
    expect(en.percent(1)).toBe("100%");
    expect(en.percent(0)).toBe("0%");
  });
  it("writes days and births", () => {
    expect(vi.day("2026-11-22")).toBe("22/11/2026");
    expect(en.day("2026-11-22")).toBe("22/11/2026");
    expect(en.date("2026-03-02T05:00:00Z")).toBe("02/03/2026");
    expect(vi.born("1961")).toBe("1961");
    expect(age("1961-11-24", new Date(2026, 10, 23))).toEqual({ years: 64, about: false });
    expect(age("1961", new Date(2026, 10, 23))).toEqual({ years: 65, about: true });
  });
  it("masks and shortens", () => {
    expect(masked("001061007432", 4, 3, "•••••")).toBe("0010•••••432");
    expect(masked("12345", 4, 3, "•••••")).toBe("•••••45");
    expect(initials("Nguyễn Văn Hòa (mẫu)")).toBe("NH");
    expect(initials("Đăng")).toBe("Đ");
  });
});

describe("contrast of text on its ground", () => {
  const shares = (hex: string) =>
    [1, 3, 5]
      .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  const light = (hex: string) => shares(hex).reduce((sum, c, nth) => sum + c * ([0.2126, 0.7152, 0.0722][nth] ?? 0), 0);
  const contrast = (a: string, b: string) =>
    (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  it.each<Mode>(["light", "dark"])("is AA in %s", (mode) => {
    const { palette } = createSeekWellTheme(mode);
    const { calm, hint, fault, still, moving } = palette;
    for (const { ground, text } of [...Object.values(riskColours[mode]), calm, hint, fault, still, moving])
      expect(contrast(ground, text), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    for (const ground of [palette.background.default, palette.background.paper]) {
      for (const text of [palette.text.primary, palette.text.secondary, palette.primary.main, palette.error.main])
        expect(contrast(ground, text), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
      expect(contrast(ground, palette.control)).toBeGreaterThanOrEqual(3);
    }
    expect(contrast(palette.primary.main, palette.primary.contrastText)).toBeGreaterThanOrEqual(4.5);
  });
});

describe("the viewer's arithmetic", () => {
  const frame = { width: 4000, height: 3000, frameWidth: 800, frameHeight: 800 };
  it("shows the whole photo, then up to its own pixels", () => {
    expect(fitScale(frame)).toBeCloseTo(0.2);
    expect(mostZoom(frame)).toBeCloseTo(5);
    expect(zoomed(whole, 100, frame).zoom).toBeCloseTo(5);
    expect(zoomed(whole, 0.1, frame)).toEqual(whole);
  });
  it("keeps the pointed place still and the photo in its frame", () => {
    const near = zoomed(whole, 2, frame, { x: 100, y: 0 });
    expect(near).toEqual({ zoom: 2, x: -100, y: 0 });
    expect(moved(near, -10_000, 10_000, frame)).toEqual({ zoom: 2, x: -400, y: 200 });
  });
  it("asks for the original only past the derivative", () => {
    expect(needsOriginal(whole, frame, 2)).toBe(false);
    expect(needsOriginal({ ...whole, zoom: 1.2 }, frame, 1)).toBe(false);
    expect(needsOriginal({ ...whole, zoom: 1.4 }, frame, 1)).toBe(true);
    expect(needsOriginal({ ...whole, zoom: 2 }, { ...frame, width: 900, height: 600 }, 3)).toBe(false);
  });
});

describe("the rule's numbers", () => {
  const shares = { MEL: 0.302, NEV: 0.4, SEK: 0.1, BCC: 0.1, ACK: 0.05, SCC: 0.048 };
  it("speak of melanoma where it decides, with a decimal beside the threshold", () => {
    const analysis = madeUpAnalysis("a", shares, "back", "2026-11-22T01:00:00.000Z", false);
    expect(ruleNumbers(analysis)).toMatchObject({ about: "MEL", share: 0.302, digits: 1 });
  });
});

describe("timeline rows", () => {
  const entry = (photo_id: string, taken_at: string) => ({ photo_id, taken_at }) as HistoryEntry;
  it("heads each local day and fills rows", () => {
    const rows = timelineRows(
      [
        entry("a", "2026-11-22T05:00:00Z"),
        entry("b", "2026-11-22T04:00:00Z"),
        entry("c", "2026-11-22T03:00:00Z"),
        entry("d", "2026-11-20T03:00:00Z"),
      ],
      2,
    );
    expect(
      rows.map((row) => (row.kind === "day" ? row.count : row.entries.map(({ photo_id }) => photo_id).join(""))),
    ).toEqual([3, "ab", "c", 1, "d"]);
  });
});

describe("what a command's failure becomes", () => {
  it("keeps the code, and calls what never reached the core unexpected", async () => {
    const failure = { code: "disk_full", message: "ENOSPC", subject: null } as const;
    await expect(unwrap(Promise.resolve({ status: "error", error: failure }))).rejects.toMatchObject({
      code: "disk_full",
    });
    await expect(unwrap(Promise.reject(new Error("command not allowed")))).rejects.toEqual(
      new SeekWellError("unexpected", "command not allowed"),
    );
    await expect(unwrap(Promise.resolve({ status: "ok", data: 7 }))).resolves.toBe(7);
  });
  it("makes only the named patient's photos stale", () => {
    expect(staleAfter({ what: ["notes"], patient_id: "p" })).toContainEqual(["photos", "history", "p"]);
    expect(staleAfter({ what: ["models"], patient_id: null })).toEqual([["models"], ["workstation", "storage"]]);
  });
});
