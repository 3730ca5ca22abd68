import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { formatter } from "../design/format";
import { testIds } from "../design/testIds";
import { refusalWord } from "../features/sync/refusal";
import type { ItemState, Overall, Trouble } from "../ipc/bindings";
import { staleAfter } from "../ipc/queries";
import { axeProblems } from "./axeProblems";
import { DemoClinic } from "./demoClinic";
import { withHoa } from "./demoData";
import { openArranged as open, renderApp } from "./renderApp";

const chip = () => screen.findByTestId(testIds.savedHere);
const nameOf = (clinic: DemoClinic) => (id: string) => clinic.patients.find((one) => one.id === id)?.full_name ?? "";
const STATES: [Overall, string, string][] = [
  ["not_connected", "Saved on this machine · not connected", "Đã lưu trên máy này · chưa kết nối"],
  ["at_centre", "Everything is at the centre", "Tất cả đã có ở trung tâm"],
  ["on_its_way", "On its way to the centre: 17", "Đang gửi về trung tâm: 17"],
  ["kept_here", "Kept here, safe: 17", "Giữ an toàn ở máy này: 17"],
  ["needs_you", "Needs you: 2", "Cần bạn xem: 2"],
  ["alarm", "Not reaching the centre: 17", "Chưa gửi được về trung tâm: 17"],
];

describe("the state in the top bar", () => {
  it.each(STATES)("%s in both languages, green only at the centre", async (overall, english, vietnamese) => {
    const { user } = open("/patients", ({ centre }) => centre.connect(overall));
    const link = await within(await chip()).findByRole("link", { name: (name) => name.endsWith(english) });
    expect(await chip()).toHaveAttribute("role", "status");
    expect((await chip()).dataset.tone === "calm").toBe(overall === "at_centre");
    await user.click(screen.getByTestId(testIds.languageSwitch));
    await waitFor(() => expect(link).toHaveAccessibleName(expect.stringContaining(vietnamese)));
    await user.click(link);
    expect(await screen.findByTestId(testIds.syncScreen)).toBeVisible();
  });

  it("says what is meant where nothing is counted", async () => {
    open("/patients", ({ centre }) => centre.connect("on_its_way", { waiting_records: 0, waiting_images: 0 }));
    await within(await chip()).findByRole("link", { name: "Asking the centre for news" });
  });

  const nothing = { waiting_records: 0, waiting_images: 0, waiting_since: null };
  it.each([
    [
      "held back by a setting",
      "kept_here",
      { trouble: null },
      /by a setting: 17$/,
      /by a setting.*“Everything”.*Open Settings/,
    ],
    ["no news yet", "on_its_way", nothing, /^Asking.*for news$/, /^Asking the centre for news.*Nothing waits/],
    [
      "what cannot be shown yet",
      "on_its_way",
      { ...nothing, parked: 3 },
      /not complete yet/,
      /not complete yet.*newest version/,
    ],
  ] as const)("agrees with its screen about %s", async (_what, overall, change, short, long) => {
    open("/sync", ({ centre }) => centre.connect(overall, change));
    await within(await chip()).findByRole("link", { name: short });
    const state = await screen.findByTestId(testIds.syncState);
    expect(state).toHaveTextContent(long);
    expect(state).not.toHaveTextContent(/can be reached|On its way/);
    expect(state).toHaveAttribute("data-state", overall);
  });

  it("leads from what a setting holds back to that setting", async () => {
    const { user } = open("/sync", ({ centre }) => centre.connect("kept_here", { trouble: null }));
    const state = await screen.findByTestId(testIds.syncState);
    await user.click(within(state).getByRole("link", { name: "Open Settings" }));
    expect(await screen.findByTestId(testIds.lineSave)).toBeVisible();
  });

  it("is not green before it is known, nor after it could not be asked again", async () => {
    const { clinic } = open("/sync", ({ centre, hangs }) => {
      centre.connect("at_centre");
      hangs.add("sync_status");
    });
    expect(await chip()).toHaveAttribute("data-state", "asking");
    expect(await chip()).toHaveAttribute("data-tone", "still");
    expect(clinic.centre.status.overall).toBe("at_centre");
    expect(screen.queryByTestId(testIds.syncState)).not.toBeInTheDocument();
  });

  it("follows what the core says, and forgets what it said once that fails", async () => {
    const { clinic } = open("/sync", ({ centre }) => centre.connect("at_centre"));
    await waitFor(async () => expect(await chip()).toHaveAttribute("data-tone", "calm"));
    clinic.centre.connect("kept_here");
    clinic.tell({ what: ["sync"], patient_id: null });
    await waitFor(async () => expect(await chip()).toHaveAttribute("data-state", "kept_here"));
    clinic.centre.connect("at_centre");
    clinic.tell({ what: ["sync"], patient_id: null });
    await waitFor(async () => expect(await chip()).toHaveAttribute("data-tone", "calm"));
    clinic.fails.set("sync_status", { code: "storage_failed", message: "disk I/O error", subject: null });
    clinic.tell({ what: ["sync"], patient_id: null });
    await waitFor(async () => expect(await chip()).toHaveAttribute("data-state", "unknown"));
    expect(await chip()).toHaveAttribute("data-tone", "still");
    expect(screen.queryByTestId(testIds.syncState)).not.toBeInTheDocument();
    expect(screen.getByTestId(testIds.failure)).toHaveAttribute("data-code", "storage_failed");
  });
});

describe("the screen of what waits", () => {
  const TROUBLES: [Trouble, RegExp, RegExp][] = [
    ["offline", /can't be reached.*tried again by itself/, /Không liên lạc được.*tự thử lại/],
    ["busy", /too much to do.*tried again by itself/, /quá bận.*tự thử lại/],
    ["denied", /does not let this machine in.*new connection code/, /không chấp nhận máy này.*mã kết nối mới/],
    ["impostor", /did not prove that it is the centre.*another network/, /không chứng minh được.*mạng khác/],
    ["not_understood", /do not understand each other.*newest version/, /không hiểu nhau.*mới nhất/],
    ["set_back", /earlier state.*connect anew/, /trạng thái cũ.*kết nối lại/],
    ["images", /store of images.*technical support/, /Kho ảnh.*bộ phận kỹ thuật/],
    ["this_machine", /own disk or database.*start SeekWell again/, /Ổ đĩa hoặc cơ sở dữ liệu.*mở lại SeekWell/],
  ];
  it.each(TROUBLES)("says what %s means and what to do, in both languages", async (trouble, english, vietnamese) => {
    const { user } = open("/sync", ({ centre }) => centre.trouble(trouble));
    expect(await screen.findByTestId(testIds.syncTrouble)).toHaveTextContent(english);
    await user.click(screen.getByTestId(testIds.languageSwitch));
    await waitFor(() => expect(screen.getByTestId(testIds.syncTrouble)).toHaveTextContent(vietnamese));
  });

  it("counts, dates, tries again and exports", async () => {
    const { clinic, user } = open("/sync", ({ centre }) => centre.connect("alarm"));
    const state = await screen.findByTestId(testIds.syncState);
    expect(within(state).getByRole("alert")).toHaveTextContent("Nothing has reached the centre for more than 12 hours");
    expect(state).toHaveTextContent("12 records · 5 image files");
    expect(state).toHaveTextContent(/The oldest waits since\d\d\/\d\d\/\d{4} \d\d:\d\d \(14 hours ago\)/);
    expect(state).toHaveTextContent(/Something last reached the centre.*\(15 hours ago\)/);
    await user.click(screen.getByTestId(testIds.syncRetry));
    await waitFor(() => expect(clinic.centre.tries).toBe(1));
    await user.click(screen.getByTestId(testIds.syncReport));
    expect(clinic.centre.reports).toEqual([]);
    clinic.savedTo = "/media/usb/seekwell.json";
    await user.click(screen.getByTestId(testIds.syncReport));
    await waitFor(() => expect(screen.getByTestId(testIds.syncReportDone)).toHaveTextContent("The report is written."));
    expect(clinic.centre.reports).toEqual(["/media/usb/seekwell.json"]);
    await user.click(screen.getByTestId(testIds.languageSwitch));
    await waitFor(() => expect(state).toHaveTextContent("12 mục dữ liệu · 5 tệp ảnh"));
  });

  it("says that a report could not be written", async () => {
    const { clinic, user } = open("/sync", ({ centre }) => centre.connect("on_its_way"));
    clinic.savedTo = "/media/usb/seekwell.json";
    clinic.fails.set("export_sync_report", { code: "disk_full", message: "ENOSPC", subject: null });
    await user.click(await screen.findByTestId(testIds.syncReport));
    expect(await screen.findByTestId(testIds.failure)).toHaveAttribute("data-code", "disk_full");
    expect(screen.getByTestId(testIds.syncReportDone)).toBeEmptyDOMElement();
  });

  it("lists what waits with its state, its reason and the way to it", async () => {
    const { clinic } = open("/sync", (made) => {
      made.centre.connect("needs_you");
      made.centre.queue(made.entries, nameOf(made));
    });
    const rows = await screen.findAllByTestId(testIds.unsentRow);
    expect(rows).toHaveLength(16);
    const [urgent, again, refused] = rows as [HTMLElement, HTMLElement, HTMLElement];
    expect(urgent).toHaveTextContent(/Photo for viewing.*Nguyễn Văn Hòa.*Urgent.*On its way.*queued 7 minutes ago/);
    expect(within(urgent).getByTestId(testIds.unsentShow)).toHaveAttribute(
      "href",
      `#/photos/${clinic.entries[0]?.photo_id}`,
    );
    expect(again).toHaveTextContent(/Result.*tried 3 times · next try \d\d:\d\d/);
    expect(refused).toHaveTextContent(/Needs you.*The centre did not take it/);
    expect(within(refused).getByText("check: model.published_accuracy")).not.toBeVisible();
    expect(screen.queryByTestId(testIds.unsentMore)).not.toBeInTheDocument();
  });

  it("ends a long list with how many more there are", async () => {
    open("/sync", (made) => {
      made.centre.connect("on_its_way");
      const [entry] = made.entries;
      const many = Array.from({ length: 65 }, (_, nth) => `many-${nth}`);
      if (entry)
        made.centre.queue(
          many.map((id) => ({
            ...entry,
            photo_id: id,
            analysis: { state: "pending", id: `${id}-a`, reason: "queued" },
          })),
          nameOf(made),
        );
    });
    expect(await screen.findByTestId(testIds.unsentMore)).toHaveTextContent("and 30 more");
    expect(screen.getAllByTestId(testIds.unsentRow)).toHaveLength(100);
  });

  it("says that all is there only at the centre", async () => {
    const { clinic } = open("/sync", ({ centre }) => centre.connect("at_centre"));
    expect(await screen.findByTestId(testIds.syncEmpty)).toHaveTextContent("Everything is at the centre");
    clinic.centre.connect("on_its_way", { waiting_records: 0, waiting_images: 0, waiting_since: null });
    clinic.tell({ what: ["sync"], patient_id: null });
    await waitFor(() => expect(screen.getByTestId(testIds.syncEmpty)).toHaveAttribute("data-all", "false"));
    expect(screen.getByTestId(testIds.syncEmpty)).not.toHaveTextContent("Everything is at the centre");
  });

  it("leads to Settings while there is no centre", async () => {
    const { user } = open("/sync", () => undefined);
    const note = await screen.findByTestId(testIds.syncNotConnected);
    await user.click(within(note).getByRole("link", { name: "Open Settings to connect" }));
    expect(await screen.findByTestId(testIds.centrePanel)).toBeVisible();
  });

  it("knows which refusals somebody can mend", () => {
    expect(refusalWord("note", "check: text")).toBe("correct");
    expect(refusalWord("analysis", "check: risk")).toBe("support");
    expect(refusalWord("note", "missing")).toBe("missing");
    expect(refusalWord("note", "deleted: patient")).toBe("deleted");
    expect(refusalWord("photo", "the image store is busy: 503")).toBe("passes");
    expect(refusalWord("photo", "immutable")).toBe("support");
  });
});

describe("what was changed in two places", () => {
  const arrange = (clinic: DemoClinic) => {
    clinic.centre.connect("at_centre");
    const [patient] = clinic.patients;
    if (patient) clinic.centre.disagree(patient.id, patient.full_name);
  };

  it("stands side by side, in words", async () => {
    open("/sync", arrange, "vi");
    const [phone, born, note] = (await screen.findAllByTestId(testIds.conflictCase)) as [
      HTMLElement,
      HTMLElement,
      HTMLElement,
    ];
    expect(phone).toHaveTextContent(/Điện thoại.*Nguyễn Văn Hòa/);
    expect(within(phone).getByTestId(testIds.conflictStands)).toHaveTextContent("0901234118");
    expect(within(phone).getByTestId(testIds.conflictLost)).toHaveTextContent("0901234119");
    expect(within(born).getByTestId(testIds.conflictStands)).toHaveTextContent("12/03/1961");
    expect(within(born).getByTestId(testIds.conflictLost)).toHaveTextContent("(trống)");
    expect(note).toHaveTextContent("Nội dung ghi chú");
    expect(within(note).getByTestId(testIds.conflictLost).textContent).toContain("\n");
  });

  it("is settled one by one, and the keyboard goes on", async () => {
    const { clinic, user } = open("/sync", arrange);
    const [first] = await screen.findAllByTestId(testIds.conflictReplace);
    await user.click(first as HTMLElement);
    await waitFor(() => expect(screen.getAllByTestId(testIds.conflictCase)).toHaveLength(2));
    await waitFor(() => expect(document.activeElement).not.toBe(document.body));
    const keep = () => screen.getAllByTestId(testIds.conflictKeep)[0] as HTMLElement;
    await user.click(keep());
    await waitFor(() => expect(screen.getAllByTestId(testIds.conflictCase)).toHaveLength(1));
    await waitFor(() => expect(keep()).toBeEnabled());
    await user.click(keep());
    await waitFor(() => expect(screen.queryByTestId(testIds.conflictCase)).not.toBeInTheDocument());
    expect(clinic.centre.settled).toEqual([
      { id: "conflict-1", choice: "replace" },
      { id: "conflict-2", choice: "keep" },
      { id: "conflict-3", choice: "keep" },
    ]);
  });

  it("stays where settling failed, and says so beside it", async () => {
    const { clinic, user } = open("/sync", arrange);
    const second = (await screen.findAllByTestId(testIds.conflictCase))[1] as HTMLElement;
    clinic.fails.set("settle_conflict", { code: "centre_unreachable", message: "timed out", subject: null });
    await user.click(within(second).getByTestId(testIds.conflictKeep));
    expect(await within(second).findByTestId(testIds.failure)).toHaveAttribute("data-code", "centre_unreachable");
    expect(screen.getAllByTestId(testIds.failure)).toHaveLength(1);
    expect(screen.getAllByTestId(testIds.conflictCase)).toHaveLength(3);
  });
});

describe("what was deleted at the centre before it was sent", () => {
  const arrange = ({ centre }: DemoClinic) => {
    centre.connect("needs_you");
    const one = { patient_id: null, at: "2026-11-21T08:00:00.000Z" };
    centre.leftovers = [
      { ...one, kind: "note", record: "leftover-1", fields: JSON.stringify({ text: "Tái khám\nsau một tuần." }) },
      { ...one, kind: "photo", record: "leftover-2", fields: JSON.stringify({ camera: null }) },
    ];
  };

  it("is let go by a doctor or an administrator, who is asked first", async () => {
    const { clinic, user } = open("/sync", (doctors) => {
      arrange(doctors);
      doctors.signedIn = doctors.people[1];
    });
    const [note, photo] = (await screen.findAllByTestId(testIds.leftover)) as [HTMLElement, HTMLElement];
    expect(note).toHaveTextContent(/Note.*Tái khám sau một tuần\./);
    expect(photo).toHaveTextContent("Photo details");
    await user.click(within(note).getByTestId(testIds.letGo));
    await user.click(await screen.findByTestId(testIds.confirmNo));
    expect(clinic.centre.leftovers).toHaveLength(2);
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    await user.click(within(note).getByTestId(testIds.letGo));
    await user.click(await screen.findByTestId(testIds.confirmYes));
    await waitFor(() => expect(screen.getAllByTestId(testIds.leftover)).toHaveLength(1));
    expect(clinic.centre.leftovers.map(({ record }) => record)).toEqual(["leftover-2"]);
    expect(await screen.findByText("It is gone.")).toBeInTheDocument();
  });

  it("is shown to others, who are told whose decision it is", async () => {
    open("/sync", (clinic) => {
      arrange(clinic);
      if (clinic.signedIn) clinic.signedIn = { ...clinic.signedIn, role: "OFFICIAL" };
    });
    expect(await screen.findAllByTestId(testIds.leftover)).toHaveLength(2);
    expect(screen.getByText(/A doctor or an administrator decides that/)).toBeVisible();
    expect(screen.queryByTestId(testIds.letGo)).not.toBeInTheDocument();
  });
});

describe("the marks in a history", () => {
  it("say of each photo how far it has come", async () => {
    const { clinic, patientId } = open("/patients", ({ centre }) => centre.connect("on_its_way"));
    const [first] = clinic.entries.filter((entry) => entry.patient_id === patientId);
    if (first) clinic.centre.deliveries.set(first.photo_id, "needs_you");
    window.location.hash = `#/patients/${patientId}`;
    const cards = await screen.findAllByTestId(testIds.historyEntry);
    const card = cards.find((one) => one.dataset.photo === first?.photo_id) as HTMLElement;
    const other = cards.find((one) => one !== card) as HTMLElement;
    expect(await within(card).findByTestId(testIds.delivery)).toHaveTextContent("Needs you");
    expect(await within(other).findByTestId(testIds.delivery)).toHaveTextContent("At the centre");
  });

  it("are not there while there is no centre", async () => {
    const { clinic, patientId } = open("/patients", () => undefined);
    window.location.hash = `#/patients/${patientId}`;
    await screen.findAllByTestId(testIds.historyEntry);
    await waitFor(async () => expect(await chip()).toHaveAttribute("data-state", "not_connected"));
    expect(screen.queryByTestId(testIds.delivery)).not.toBeInTheDocument();
    expect(clinic.calls.some(({ command }) => command === "deliveries")).toBe(false);
  });
});

describe("the mark on a result", () => {
  const MARKS: [ItemState, string][] = [
    ["kept_here", "Kept here"],
    ["on_its_way", "On its way"],
    ["at_centre", "At the centre"],
    ["needs_you", "Needs you"],
    ["conflict", "Changed in two places"],
  ];
  const show = (connected: boolean, state: ItemState) => {
    const clinic = new DemoClinic();
    withHoa(clinic);
    const photo = clinic.entries[0]?.photo_id ?? "";
    if (connected) clinic.centre.connect("on_its_way");
    clinic.centre.deliveries.set(photo, state);
    return renderApp(clinic, `/photos/${photo}`);
  };
  it.each(MARKS)("%s", async (state, words) => {
    show(true, state);
    expect(await screen.findByTestId(testIds.delivery)).toHaveTextContent(words);
  });
  it("is not there while there is no centre", async () => {
    show(false, "kept_here");
    await screen.findByTestId(testIds.resultRisk);
    await waitFor(async () => expect(await chip()).toHaveAttribute("data-state", "not_connected"));
    expect(screen.queryByTestId(testIds.delivery)).not.toBeInTheDocument();
  });
  it("is asked again when sync says that something changed", () => {
    expect(staleAfter({ what: ["sync"], patient_id: null })).toEqual([["sync"], ["photos", "one"]]);
  });
});

describe("how long ago", () => {
  const now = new Date("2026-11-22T12:00:00Z");
  it.each([
    ["2026-11-22T11:59:30Z", "now", "bây giờ"],
    ["2026-11-22T12:05:00Z", "now", "bây giờ"],
    ["2026-11-22T11:57:00Z", "3 minutes ago", "3 phút trước"],
    ["2026-11-21T13:00:00Z", "23 hours ago", "23 giờ trước"],
    ["2026-11-19T12:00:00Z", "3 days ago", "3 ngày trước"],
  ])("%s", (instant, english, vietnamese) => {
    expect(formatter("en").ago(instant, now)).toBe(english);
    expect(formatter("vi").ago(instant, now)).toBe(vietnamese);
  });
});

describe("axe finds nothing serious on", () => {
  it.each(STATES.map(([overall]) => overall))("the screen with %s", async (overall) => {
    const { container } = open("/sync", (clinic) => {
      clinic.centre.connect(overall);
      const [patient] = clinic.patients;
      if (overall === "needs_you" && patient) clinic.centre.disagree(patient.id, patient.full_name);
      if (clinic.centre.status.waiting_records > 0) clinic.centre.queue(clinic.entries, nameOf(clinic));
    });
    await screen.findByTestId(overall === "not_connected" ? testIds.syncNotConnected : testIds.syncState);
    if (overall === "needs_you") await screen.findAllByTestId(testIds.unsentRow);
    expect(await axeProblems(container)).toEqual([]);
  });
  it("Settings of a workstation with a centre", async () => {
    const { container } = open("/settings", ({ centre }) => centre.connect("at_centre"), "vi");
    await screen.findByTestId(testIds.lineCap);
    expect(await axeProblems(container)).toEqual([]);
  });
});
