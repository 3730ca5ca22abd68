import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { testIds } from "../design/testIds";
import { DemoClinic } from "./demoClinic";
import { urgentArrives, withHoa, withUrgentCases } from "./demoData";
import { renderApp } from "./renderApp";

/** What the loudspeaker would have to do. */
let tones: number[] = [];

class SilentAudio {
  currentTime = 0;
  destination = {};
  resume = () => Promise.resolve();
  suspend = () => Promise.resolve();
  createGain() {
    return {
      gain: { setValueAtTime: () => undefined, linearRampToValueAtTime: () => undefined },
      connect: () => undefined,
    };
  }
  createOscillator() {
    const frequency = { value: 0 };
    return {
      frequency,
      connect: (next: unknown) => next,
      start: () => void tones.push(frequency.value),
      stop: () => undefined,
      onended: null,
    };
  }
}

beforeEach(() => {
  tones = [];
  vi.stubGlobal("AudioContext", SilentAudio);
});

function open(address: string, language: "vi" | "en" = "en", arrange: (clinic: DemoClinic) => void = withUrgentCases) {
  const clinic = new DemoClinic();
  arrange(clinic);
  return { clinic, ...renderApp(clinic, address, language) };
}

const rows = () => screen.findAllByTestId(testIds.urgentCase);

describe("urgent cases", () => {
  it("are listed newest first with what a nurse needs", async () => {
    open("/urgent");
    const [first, second, third] = await rows();
    expect(await screen.findByTestId(testIds.urgentBadge)).toHaveAccessibleName("3 cases open");
    expect(first).toHaveTextContent("Đỗ Thị Hương (mẫu)");
    expect(first).toHaveTextContent("Female · 1957");
    expect(first).toHaveTextContent("Melanoma 74%");
    expect(first).toHaveTextContent("Legs · right · 3 hours ago · From another workstation");
    expect(within(first as HTMLElement).getByTestId(testIds.noPicture)).toBeVisible();
    expect(within(first as HTMLElement).queryByTestId(testIds.urgentNotDelivered)).not.toBeInTheDocument();
    expect(second).toHaveTextContent("Not yet delivered. Only this machine knows of this case.");
    expect(second?.querySelector("img")?.getAttribute("src")).toMatch(/^photo:\/\/localhost\/photo-\d+\/thumbnail$/);
    expect(third).toHaveTextContent("Demo model, not medical");
    expect(within(first as HTMLElement).getByText("See result")).toHaveAttribute(
      "href",
      expect.stringMatching(/^#\/photos\/photo-/),
    );
  });

  it("speak Vietnamese", async () => {
    open("/urgent", "vi");
    expect(await screen.findByRole("heading", { name: "Ca khẩn cấp" })).toBeVisible();
    const [first, second] = await rows();
    expect(first).toHaveTextContent("U hắc tố 74 %");
    expect(first).toHaveTextContent("3 giờ trước · Từ máy khác của trạm");
    expect(second).toHaveTextContent("Chưa gửi đi. Chỉ máy này biết ca này.");
    expect(screen.getByTestId(testIds.navUrgent)).toHaveTextContent("Khẩn cấp");
  });

  it("are acknowledged by whoever has read what that means", async () => {
    const { user, clinic } = open("/urgent");
    const [first] = await rows();
    const acknowledge = within(first as HTMLElement).getByTestId(testIds.acknowledge);
    await user.click(acknowledge);
    const dialog = await screen.findByRole("dialog");
    expect(dialog).toHaveTextContent("Acknowledge the urgent case of Đỗ Thị Hương (mẫu)?");
    expect(dialog).toHaveTextContent("I have seen it and take care of it");
    await user.click(screen.getByTestId(testIds.confirmNo));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    expect(clinic.calls.some(({ command }) => command === "acknowledge")).toBe(false);

    await user.click(acknowledge);
    await user.click(await screen.findByTestId(testIds.confirmYes));
    await waitFor(() => expect(screen.getAllByTestId(testIds.urgentCase)).toHaveLength(2));
    expect(screen.getByTestId(testIds.urgentBadge)).toHaveTextContent("2");
    expect(await screen.findByText("You take care of Đỗ Thị Hương (mẫu).")).toHaveAttribute("role", "status");
    await user.click(screen.getByTestId(testIds.urgentShow("acknowledged")));
    await waitFor(() => expect(screen.getAllByTestId(testIds.acknowledged)).toHaveLength(4));
    const [mine, theirs, , both] = screen.getAllByTestId(testIds.acknowledged);
    expect(mine).toHaveTextContent(/Acknowledged by Lê Thị Mai \(mẫu\), \d\d\/\d\d\/\d{4} \d\d:\d\d/);
    expect(mine).toHaveTextContent("The other workstations don't know that yet.");
    expect(theirs).toHaveTextContent("Acknowledged by Phạm Văn Tâm (mẫu),");
    expect(theirs).toHaveAttribute("data-delivered", "true");
    expect(both).toHaveTextContent("Acknowledged by Phạm Văn Tâm (mẫu) and 1 other,");
    expect(screen.queryByTestId(testIds.acknowledge)).not.toBeInTheDocument();
  });

  it("say so when an acknowledgement could not be kept, and stay open", async () => {
    const { user, clinic } = open("/urgent");
    clinic.fails.set("acknowledge", { code: "disk_full", message: "ENOSPC", subject: null });
    const [first] = await rows();
    await user.click(within(first as HTMLElement).getByTestId(testIds.acknowledge));
    await user.click(await screen.findByTestId(testIds.confirmYes));
    expect(await screen.findByTestId(testIds.failure)).toHaveAttribute("data-code", "disk_full");
    expect(screen.getAllByTestId(testIds.urgentCase)).toHaveLength(3);
  });

  it("are none at first, and none acknowledged", async () => {
    const { user } = open("/urgent", "en", () => undefined);
    expect(await screen.findByText("No urgent case is open")).toBeVisible();
    expect(screen.queryByTestId(testIds.urgentBadge)).not.toBeInTheDocument();
    await user.click(screen.getByTestId(testIds.urgentShow("acknowledged")));
    expect(await screen.findByText("Nobody has looked at a case yet")).toBeVisible();
  });

  it("can be asked for again when they could not be read", async () => {
    const { user } = open("/urgent", "en", (clinic) => {
      withUrgentCases(clinic);
      clinic.fails.set("urgent_cases", { code: "storage_failed", message: "no", subject: null });
    });
    await user.click(await screen.findByTestId(testIds.failureRetry));
    expect(await rows()).toHaveLength(3);
  });

  it("are not said to be none while nobody knows how many there are", async () => {
    const { clinic } = open("/urgent", "en", (made) => {
      withUrgentCases(made);
      made.hangs.add("urgent_summary");
    });
    await rows();
    const label = () => screen.getByTestId(testIds.urgentShow("open")).closest("label");
    expect(label()?.textContent).toBe("Open");
    expect(screen.queryByTestId(testIds.urgentBadge)).not.toBeInTheDocument();
    expect(clinic.calls.some(({ command }) => command === "urgent_summary")).toBe(true);
  });

  it("are counted no longer once that can't be read, and are counted again", async () => {
    const { clinic } = open("/urgent");
    await rows();
    const label = () => screen.getByTestId(testIds.urgentShow("open")).closest("label");
    await waitFor(() => expect(label()?.textContent).toBe("Open (3)"));
    clinic.fails.set("urgent_summary", { code: "storage_failed", message: "disk I/O error", subject: null });
    clinic.tell({ what: ["urgent"], patient_id: null });
    await waitFor(() => expect(label()?.textContent).toBe("Open (not known)"));
    const badge = screen.getByTestId(testIds.urgentBadge);
    expect(badge).toHaveTextContent("?");
    expect(badge).toHaveAccessibleName("Not known how many cases are open");
    clinic.tell({ what: ["urgent"], patient_id: null });
    await waitFor(() => expect(label()?.textContent).toBe("Open (3)"));
    expect(badge).toHaveTextContent("3");
  });

  it("leave the keyboard in their list once one is acknowledged", async () => {
    const { user } = open("/urgent");
    const [first] = await rows();
    within(first as HTMLElement)
      .getByTestId(testIds.acknowledge)
      .focus();
    await user.keyboard("{Enter}");
    (await screen.findByTestId(testIds.confirmYes)).focus();
    await user.keyboard("{Enter}");
    await waitFor(() => expect(screen.getAllByTestId(testIds.urgentCase)).toHaveLength(2));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    await waitFor(() => expect(document.body).not.toHaveFocus());
    await user.tab();
    expect(screen.getAllByTestId(testIds.urgentCase)[0]).toContainElement(document.activeElement as HTMLElement);
  });

  it("come a page at a time", async () => {
    const { user } = open("/urgent", "en", (clinic) => {
      for (let nth = 0; nth < 53; nth += 1) urgentArrives(clinic, `Ca ${nth} (mẫu)`, Date.now() - nth * 60_000);
    });
    expect(await rows()).toHaveLength(50);
    await user.click(screen.getByTestId(testIds.urgentMore));
    await waitFor(() => expect(screen.getAllByTestId(testIds.urgentCase)).toHaveLength(53));
    expect(screen.queryByTestId(testIds.urgentMore)).not.toBeInTheDocument();
    expect(screen.getByTestId(testIds.urgentBadge)).toHaveTextContent("53");
  });

  it("are not read further in the middle of being read anew", async () => {
    const { user, clinic } = open("/urgent", "en", (made) => {
      for (let nth = 0; nth < 53; nth += 1) urgentArrives(made, `Ca ${nth} (mẫu)`, Date.now() - nth * 60_000);
    });
    const [first] = await rows();
    const letGo = clinic.hold("urgent_cases");
    act(() => void clinic.urgent.acknowledge(first?.dataset.analysis ?? "", "Phạm Văn Tâm (mẫu)"));
    const read = () => clinic.calls.filter(({ command }) => command === "urgent_cases");
    await waitFor(() => expect(read()).toHaveLength(2));
    fireEvent.click(screen.getByTestId(testIds.urgentMore));
    letGo();
    await waitFor(() => expect(screen.queryByText("Ca 0 (mẫu)")).not.toBeInTheDocument());
    await waitFor(() => expect(screen.getByTestId(testIds.urgentMore)).toBeEnabled());
    await user.click(screen.getByTestId(testIds.urgentMore));
    await waitFor(() => expect(screen.getAllByTestId(testIds.urgentCase)).toHaveLength(52));
  });

  it("are not for a patient who signs in", async () => {
    const { clinic } = open("/patients", "en", (made) => {
      withUrgentCases(made);
      made.signedIn = { id: "p9", full_name: "Hòa (mẫu)", email: "hoa@tram.example", role: "PATIENT" };
    });
    await screen.findByTestId(testIds.navPatients);
    await screen.findAllByTestId(testIds.patientRow);
    expect(screen.queryByTestId(testIds.navUrgent)).not.toBeInTheDocument();
    expect(clinic.calls.some(({ command }) => command.startsWith("urgent"))).toBe(false);
  });
});

/** Hoa's photos hold one urgent case, and two that a doctor is to look at: one uncertain, one that may be a carcinoma. */
describe("cases for review", () => {
  const openHoa = (address: string, language: "vi" | "en" = "en") =>
    open(address, language, (clinic) => void withHoa(clinic));
  const shown = () => screen.getAllByTestId(testIds.urgentCase);

  it("are a list of their own, each with its risk, and no news", async () => {
    const { user } = openHoa("/urgent");
    expect(await rows()).toHaveLength(1);
    const choice = screen.getByTestId(testIds.urgentShow("review"));
    await waitFor(() => expect(choice.closest("label")).toHaveTextContent("To review (2)"));
    choice.focus();
    await user.click(choice);
    await waitFor(() => expect(shown()).toHaveLength(2));
    expect(shown()[0]).toHaveTextContent(/Uncertain/);
    expect(shown()[1]).toHaveTextContent(/High/);
    for (const row of shown()) expect(row).not.toHaveTextContent("Urgent");
    expect(window.location.hash).toBe("#/urgent?show=review");
    expect(screen.getByTestId(testIds.urgentBadge)).toHaveTextContent("1");
    expect(screen.queryByTestId(testIds.urgentBanner)).not.toBeInTheDocument();
  });

  it("are looked at with words of their own, and are then among those that were seen", async () => {
    const { user, clinic } = openHoa("/urgent?show=review", "vi");
    const [first] = await rows();
    await user.click(
      within(first as HTMLElement).getByRole("button", { name: "Tôi đã xem kết quả của Nguyễn Văn Hòa (mẫu)" }),
    );
    const dialog = await screen.findByRole("dialog");
    expect(dialog).toHaveTextContent("Bạn đã xem kết quả của Nguyễn Văn Hòa (mẫu)?");
    expect(dialog).not.toHaveTextContent("khẩn cấp");
    await user.click(screen.getByTestId(testIds.confirmYes));
    await waitFor(() => expect(shown()).toHaveLength(1));
    expect(await screen.findByText("Đã ghi: bạn đã xem kết quả của Nguyễn Văn Hòa (mẫu).")).toHaveAttribute(
      "role",
      "status",
    );
    const urgent = clinic.entries[0]?.analysis.id ?? "";
    act(() => void clinic.urgent.acknowledge(urgent, "Phạm Văn Tâm (mẫu)"));
    await user.click(screen.getByTestId(testIds.urgentShow("acknowledged")));
    await waitFor(() => expect(screen.getAllByTestId(testIds.acknowledged)).toHaveLength(2));
    const texts = screen.getAllByTestId(testIds.acknowledged).map((one) => one.textContent);
    expect(texts[0]).toMatch(/^Phạm Văn Tâm \(mẫu\) đã nhận, /);
    expect(texts[1]).toMatch(/^Lê Thị Mai \(mẫu\) đã xem, /);
  });

  it("are none where nothing waits", async () => {
    open("/urgent?show=review", "en", () => undefined);
    expect(await screen.findByText("Nothing waits for a doctor's review")).toBeVisible();
  });

  it("say so beside the result, and by whom it was looked at", async () => {
    const { user, clinic } = openHoa("/patients");
    window.location.hash = `#/photos/${clinic.entries[1]?.photo_id}`;
    const part = await screen.findByTestId(testIds.acknowledgePart);
    expect(part).toHaveAttribute("aria-label", "Doctor's review");
    expect(part).toHaveTextContent("On the list for review: nobody has looked at this result yet.");
    expect(within(part).getByRole("link", { name: "Open the list" })).toHaveAttribute("href", "#/urgent?show=review");
    await user.click(within(part).getByTestId(testIds.acknowledge));
    await user.click(await screen.findByTestId(testIds.confirmYes));
    expect(await within(part).findByTestId(testIds.acknowledged)).toHaveTextContent(
      /^Looked at by Lê Thị Mai \(mẫu\), /,
    );
    expect(within(part).queryByRole("link")).not.toBeInTheDocument();
  });
});

describe("a new urgent case", () => {
  const banner = () => screen.queryByTestId(testIds.urgentBanner);
  /** The badge shows that the summary has come. */
  const ready = (open: number) =>
    waitFor(() => expect(screen.getByTestId(testIds.urgentBadge)).toHaveTextContent(String(open)));

  it("is told over every screen and heard twice; what was open before is not", async () => {
    const { user, clinic } = open("/patients");
    await ready(3);
    expect(banner()).not.toBeInTheDocument();
    expect(tones).toEqual([]);
    act(() => void urgentArrives(clinic));
    expect(await screen.findByRole("alert")).toHaveTextContent("New urgent case: Trần Thị Lan (mẫu) · Legs · right");
    expect(banner()).toHaveTextContent("Urgent cases (4 open)");
    await waitFor(() => expect(tones).toEqual([880, 660, 880, 660]));
    await user.click(screen.getByTestId(testIds.urgentBannerDismiss));
    expect(banner()).not.toBeInTheDocument();
    await ready(4);
  });

  it("leads to its result, and is gone then", async () => {
    const { user, clinic } = open("/patients");
    await ready(3);
    act(() => void urgentArrives(clinic));
    await user.click(within(await screen.findByTestId(testIds.urgentBanner)).getByText("See result"));
    expect(await screen.findByTestId(testIds.resultRisk)).toHaveAttribute("data-risk", "URGENT");
    expect(banner()).not.toBeInTheDocument();
  });

  it("is no banner over the list, nor when the list is left", async () => {
    const { user, clinic } = open("/urgent");
    await ready(3);
    act(() => void urgentArrives(clinic));
    await ready(4);
    await waitFor(() => expect(tones).toHaveLength(4));
    expect(await rows()).toHaveLength(4);
    expect(banner()).not.toBeInTheDocument();
    await user.click(screen.getByTestId(testIds.navPatients));
    await screen.findAllByTestId(testIds.patientRow);
    expect(banner()).not.toBeInTheDocument();
  });

  it("goes when somebody elsewhere acknowledges it, and the older one is no news", async () => {
    const { clinic } = open("/patients");
    await ready(3);
    let analysis = "";
    act(() => {
      analysis = urgentArrives(clinic);
    });
    await screen.findByTestId(testIds.urgentBanner);
    await waitFor(() => expect(tones).toHaveLength(4));
    act(() => void clinic.urgent.acknowledge(analysis, "Phạm Văn Tâm (mẫu)"));
    await ready(3);
    expect(banner()).not.toBeInTheDocument();
    expect(tones).toHaveLength(4);
  });

  it("makes no sound where that is switched off", async () => {
    const { user, clinic } = open("/settings");
    await ready(3);
    await user.click(screen.getByTestId(`${testIds.settingsUrgentSound}-off`));
    expect(clinic.preferences.urgent_sound).toBe(false);
    act(() => void urgentArrives(clinic));
    await screen.findByTestId(testIds.urgentBanner);
    expect(tones).toEqual([]);
    await user.click(screen.getByTestId(`${testIds.settingsUrgentSound}-on`));
    act(() => void urgentArrives(clinic, "Võ Minh Lan (mẫu)"));
    await waitFor(() => expect(tones).toHaveLength(4));
    expect(screen.getByTestId(testIds.urgentBanner)).toHaveTextContent("Võ Minh Lan (mẫu)");
  });

  it("is told on a machine without sound too", async () => {
    vi.stubGlobal("AudioContext", undefined);
    const { clinic } = open("/patients", "vi");
    await ready(3);
    act(() => void urgentArrives(clinic));
    expect(await screen.findByRole("alert")).toHaveTextContent("Ca khẩn cấp mới: Trần Thị Lan (mẫu)");
  });
});

describe("the result of an urgent analysis", () => {
  it("is acknowledged there, and says by whom", async () => {
    const { user, clinic } = open("/", "en", () => undefined);
    withHoa(clinic);
    window.location.hash = `#/photos/${clinic.entries[0]?.photo_id}`;
    const part = await screen.findByTestId(testIds.acknowledgePart);
    expect(part).toHaveTextContent("Nobody has acknowledged this urgent case yet.");
    await user.click(within(part).getByTestId(testIds.acknowledge));
    await user.click(await screen.findByTestId(testIds.confirmYes));
    expect(await within(part).findByTestId(testIds.acknowledged)).toHaveTextContent("Lê Thị Mai (mẫu)");
    expect(within(part).queryByTestId(testIds.acknowledge)).not.toBeInTheDocument();
    await waitFor(() => expect(part).toHaveFocus());
  });

  it("has no such part where it is not urgent", async () => {
    const { clinic } = open("/", "en", () => undefined);
    withHoa(clinic);
    window.location.hash = `#/photos/${clinic.entries[3]?.photo_id}`;
    await screen.findByTestId(testIds.resultRisk);
    expect(screen.queryByTestId(testIds.acknowledgePart)).not.toBeInTheDocument();
    expect(clinic.calls.some(({ command }) => command === "urgent_case")).toBe(false);
  });
});
