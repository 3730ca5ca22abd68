import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { testIds } from "../design/testIds";
import type { Person } from "../ipc/bindings";
import { axeProblems } from "./axeProblems";
import { DemoClinic } from "./demoClinic";
import { hoa, withHoa } from "./demoData";
import { rawKeys } from "./rawKeys";
import { renderApp } from "./renderApp";

function openRecord(language: "vi" | "en" = "en", arrange: (clinic: DemoClinic) => void = () => undefined, hash = "") {
  const clinic = new DemoClinic();
  const patientId = withHoa(clinic);
  arrange(clinic);
  return { clinic, patientId, ...renderApp(clinic, `/patients/${patientId}/edit${hash}`, language) };
}
const consentOf = (clinic: DemoClinic) => clinic.patients[0]?.cloud_consent;
const recorded = () => screen.findByTestId(testIds.consentRecorded);
const asked = (clinic: DemoClinic) => clinic.calls.filter(({ command }) => command === "set_cloud_consent");

describe("the patient's agreement to online analysis", () => {
  it("is recorded after a question with the patient's name, and what is typed meanwhile stays", async () => {
    const { clinic, user } = openRecord();
    await user.type(await screen.findByTestId(testIds.patientAddress), " 7");
    expect(await recorded()).toHaveTextContent("What the patient says is not recorded yet.");
    await user.click(screen.getByTestId(testIds.consent));
    const dialog = await screen.findByRole("dialog", { name: `Has ${hoa.full_name} agreed?` });
    await user.click(within(dialog).getByTestId(testIds.confirmNo));
    expect(asked(clinic)).toEqual([]);
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    await user.click(screen.getByTestId(testIds.consent));
    await user.click(await screen.findByTestId(testIds.confirmYes));
    await waitFor(async () =>
      expect(await recorded()).toHaveTextContent(/The patient agreed\. Recorded by Lê Thị Mai/),
    );
    expect(screen.getByTestId(testIds.consent)).toBeChecked();
    expect(await screen.findByText("The patient agreed to online analysis.")).toBeVisible();
    await user.click(screen.getByTestId(testIds.savePatient));
    await waitFor(() => expect(clinic.patients[0]?.address).toBe(`${hoa.address} 7`));
    expect(consentOf(clinic)?.given).toBe(true);
    expect(screen.queryByTestId(testIds.conflict)).toBeNull();
  });

  it("is withdrawn at once, and the record's history shows both", async () => {
    const { clinic, user } = openRecord("en", (before) => {
      const patient = before.patients[0];
      if (patient) before.answer("set_cloud_consent", { id: patient.id, given: true });
    });
    await user.click(await screen.findByTestId(testIds.consent));
    await waitFor(() => expect(consentOf(clinic)?.given).toBe(false));
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(await recorded()).toHaveTextContent(/The patient does not agree\. Recorded by/);
    const versions = await screen.findByTestId(testIds.patientVersions);
    await waitFor(() => expect(versions).toHaveTextContent("The agreement to online analysis was withdrawn."));
    expect(versions).toHaveTextContent("The patient agreed to online analysis.");
  });

  it("may be refused, so that nobody asks again", async () => {
    const { clinic, user } = openRecord("vi");
    await user.click(await screen.findByTestId(testIds.consentRefuse));
    await waitFor(() => expect(consentOf(clinic)).toMatchObject({ given: false, by: "Lê Thị Mai (mẫu)" }));
    expect(await screen.findByText("Người bệnh không đồng ý phân tích trực tuyến.")).toBeVisible();
    expect(screen.queryByTestId(testIds.consentRefuse)).toBeNull();
    expect(screen.getByTestId(testIds.consent)).not.toBeChecked();
  });

  it("tells what leaves the machine, in words and without a fault", async () => {
    const { container } = openRecord("vi");
    const panel = await screen.findByTestId(testIds.consentPanel);
    expect(panel).toHaveTextContent(/Thứ duy nhất rời máy này là ảnh đã chuẩn bị/);
    expect(rawKeys(container.textContent ?? "")).toEqual([]);
    expect(await axeProblems(container)).toEqual([]);
  });

  it("keeps the switch where it was when it could not be recorded", async () => {
    const { clinic, user } = openRecord();
    clinic.fails.set("set_cloud_consent", { code: "disk_full", message: "ENOSPC", subject: null });
    await user.click(await screen.findByTestId(testIds.consent));
    await user.click(await screen.findByTestId(testIds.confirmYes));
    const panel = screen.getByTestId(testIds.consentPanel);
    expect(await within(panel).findByTestId(testIds.failure)).toHaveAttribute("data-code", "disk_full");
    expect(screen.getByTestId(testIds.consent)).not.toBeChecked();
  });

  it("is shown and not changed by a patient", async () => {
    openRecord("en", (clinic) => {
      clinic.signedIn = { ...clinic.people[0], role: "PATIENT" } as Person;
    });
    expect(await screen.findByTestId(testIds.consent)).toBeDisabled();
    expect(screen.getByText("Only the clinic's staff can change this.")).toBeVisible();
    expect(screen.queryByTestId(testIds.consentRefuse)).toBeNull();
  });

  it("is where a link to it leads the keyboard", async () => {
    openRecord("en", () => undefined, "#consent");
    const panel = await screen.findByTestId(testIds.consentPanel);
    await waitFor(() => expect(panel).toHaveFocus());
  });
});

describe("a photo that waits for the agreement", () => {
  function open(role: Person["role"] = "OFFICIAL") {
    const clinic = new DemoClinic();
    withHoa(clinic);
    clinic.signedIn = { ...clinic.people[0], role } as Person;
    const waiting = clinic.entries.find(({ analysis }) => analysis.state === "pending");
    if (waiting?.analysis.state === "pending") waiting.analysis.reason = "no_consent";
    return { clinic, ...renderApp(clinic, `/photos/${waiting?.photo_id}`) };
  }

  it("is safe, says so, and is analysed once it is given right there", async () => {
    const { clinic, user, container } = open();
    const panel = await screen.findByTestId(testIds.resultPending);
    expect(panel).toHaveTextContent(/The photo is safe\. It can only be analysed online/);
    expect(panel).toHaveTextContent(/without name, record or any data of the camera/);
    expect(await axeProblems(container)).toEqual([]);
    await user.click(within(panel).getByTestId(testIds.consent));
    await user.click(await screen.findByTestId(testIds.confirmYes));
    await waitFor(() => expect(screen.getByTestId(testIds.resultPending)).toHaveAttribute("data-reason", "queued"));
    expect(consentOf(clinic)?.given).toBe(true);
  });

  it("offers no switch to a patient", async () => {
    open("PATIENT");
    const panel = await screen.findByTestId(testIds.resultPending);
    expect(panel).toHaveAttribute("data-reason", "no_consent");
    expect(within(panel).queryByTestId(testIds.consent)).toBeNull();
  });
});

describe("a photo that online analysis could not be asked about", () => {
  it("is tried again by itself, or now", async () => {
    const clinic = new DemoClinic();
    withHoa(clinic);
    const waiting = clinic.entries.find(({ analysis }) => analysis.state === "pending");
    if (waiting?.analysis.state === "pending") waiting.analysis.reason = "space_unreachable";
    const { user } = renderApp(clinic, `/photos/${waiting?.photo_id}`, "vi");
    const panel = await screen.findByTestId(testIds.resultPending);
    expect(panel).toHaveTextContent("Máy sẽ tự thử lại");
    await user.click(within(panel).getByTestId(testIds.pendingTryNow));
    expect(await screen.findByTestId(testIds.resultRisk)).toBeVisible();
  });
});

describe("two workstations that recorded different answers", () => {
  it.each([
    ["en", /^Agreed, recorded 22\/11\/2026 \d\d:\d\d$/, "(empty)", "Agreement to online analysis"],
    ["vi", /^Đồng ý, ghi lúc 22\/11\/2026 \d\d:\d\d$/, "(trống)", "Đồng ý phân tích trực tuyến"],
  ] as const)("are told apart in words, in %s", async (language, agreed, empty, name) => {
    const clinic = new DemoClinic();
    const id = withHoa(clinic);
    clinic.centre.connect("needs_you");
    clinic.centre.disagree(id, hoa.full_name);
    const [first] = clinic.centre.conflicts;
    const said = (given: boolean) =>
      JSON.stringify({ given, at: "2026-11-22T05:00:00.000Z", by: "0196f0aa-1111-7000-8000-00000000beef" });
    if (first) clinic.centre.conflicts = [{ ...first, field: "cloud_consent", stands: said(true), lost: said(false) }];
    if (first) clinic.centre.conflicts.push({ ...first, id: "c2", field: "cloud_consent", stands: "null", lost: "7" });
    renderApp(clinic, "/sync", language);
    const [both, none] = (await screen.findAllByTestId(testIds.conflictCase)) as [HTMLElement, HTMLElement];
    expect(within(both).getByRole("heading")).toHaveTextContent(name);
    expect(within(both).getByTestId(testIds.conflictStands).textContent).toMatch(agreed);
    expect(within(both).getByTestId(testIds.conflictLost)).toHaveTextContent(/Not agreed|Không đồng ý/);
    expect(both).not.toHaveTextContent("beef");
    expect(within(none).getByTestId(testIds.conflictStands)).toHaveTextContent(empty);
  });
});
