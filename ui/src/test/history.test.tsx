import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { testIds } from "../design/testIds";
import { DemoClinic } from "./demoClinic";
import { withHoa, withLongHistory } from "./demoData";
import { everything, historyOf } from "./demoHistory";
import { renderApp } from "./renderApp";

function open(language: "vi" | "en" = "en", photos = 0, search = "") {
  const clinic = new DemoClinic();
  const patientId = withHoa(clinic);
  withLongHistory(clinic, patientId, photos);
  return { clinic, patientId, ...renderApp(clinic, `/patients/${patientId}${search}`, language) };
}

const entries = () => screen.queryAllByTestId(testIds.historyEntry);

describe("history", () => {
  it("groups by day, newest first, and shows what is pending as such", async () => {
    open("vi");
    await waitFor(() => expect(entries()).toHaveLength(8));
    expect(entries()[0]).toHaveAttribute("data-state", "pending");
    expect(entries()[1]).toHaveTextContent("U hắc tố 41 %");
    expect(entries()[1]).toHaveTextContent("1 ghi chú");
    expect(screen.getByText("Hôm nay")).toBeVisible();
  });

  it("filters by risk, site, lesion and day, and says when nothing matches", async () => {
    const { user, clinic } = open();
    await user.click(await screen.findByTestId(testIds.filterRisk("URGENT")));
    await waitFor(() => expect(entries()).toHaveLength(1));
    await user.click(screen.getByTestId(testIds.filterRisk("all")));
    await waitFor(() => expect(entries()).toHaveLength(8));
    await user.selectOptions(screen.getByTestId(testIds.filterSite), "face");
    await waitFor(() => expect(entries()).toHaveLength(2));
    await user.type(screen.getByTestId(testIds.filterFrom), "01/01/2999{Enter}");
    expect(await screen.findByText("No photo matches the filter")).toBeVisible();
    await user.click(screen.getByTestId(testIds.filterRisk("all")));
    await waitFor(() => expect(entries()).toHaveLength(8));
    await user.click(screen.getAllByTestId(testIds.lesionRow)[2] as HTMLElement);
    await waitFor(() => expect(entries()).toHaveLength(2));
    expect(clinic.preferences.last_route).toContain("lesion=");
  });

  it("marks a demo model's risk in the list of lesions and on the body map", async () => {
    const { clinic, patientId } = open();
    const rows = await screen.findAllByTestId(testIds.lesionRow);
    const map = () => screen.getByTestId(testIds.bodyMap).parentElement as HTMLElement;
    for (const row of rows) expect(row).not.toHaveTextContent("Demo model");
    expect(map()).not.toHaveTextContent("Demo model");
    for (const { analysis, site } of clinic.entries)
      if (analysis.state === "done" && site === "face") analysis.demo = true;
    clinic.tell({ what: ["analyses"], patient_id: patientId });
    await waitFor(() => expect(map()).toHaveTextContent("Demo model, not medical"));
    const marked = screen.getAllByTestId(testIds.lesionRow).map((row) => /Demo model/.test(row.textContent ?? ""));
    expect(marked).toEqual([false, true, false]);
  });

  it("says of each picture that does not load why, and is alarmed only by damage", async () => {
    const { clinic } = open("vi");
    await waitFor(() => expect(entries()).toHaveLength(8));
    const [damaged] = clinic.entries;
    for (const { photo_id } of clinic.entries)
      clinic.disk.unseen.set(photo_id, photo_id === damaged?.photo_id ? "photo_damaged" : "centre_unreachable");
    const images = entries().map((entry) => entry.querySelector("img") as HTMLImageElement);
    for (const image of images) fireEvent.error(image);
    for (const entry of entries()) {
      const alarming = entry.dataset.photo === damaged?.photo_id;
      const mark = await within(entry).findByTestId(alarming ? testIds.unreadablePhoto : testIds.noPicture);
      expect(mark).toHaveAccessibleName(alarming ? "Không đọc được ảnh này" : /không có trên máy này.*khi có mạng/);
    }
    const asked = () => clinic.calls.filter(({ command }) => command === "check_image");
    expect(asked().map(({ args }) => args.rendition)).toEqual(Array(8).fill("thumbnail"));

    clinic.disk.unseen.clear();
    clinic.tell({ what: ["photos"], patient_id: clinic.patients[0]?.id ?? null });
    await waitFor(() => expect(screen.queryByTestId(testIds.noPicture)).not.toBeInTheDocument());
    for (const entry of entries()) expect(entry.querySelector("img")).toBeInTheDocument();
    expect(asked()).toHaveLength(16);
  });

  it("gives a chosen lesion another name", async () => {
    const { user, clinic } = open("vi");
    await waitFor(() => expect(entries()).toHaveLength(8));
    await user.click(screen.getAllByTestId(testIds.lesionRow)[1] as HTMLElement);
    await user.click(await screen.findByTestId(testIds.lesionRename));
    await user.type(screen.getByTestId(testIds.lesionName), "Cạnh mũi{Enter}");
    await waitFor(() => expect(screen.queryByTestId(testIds.lesionName)).not.toBeInTheDocument());
    expect(clinic.lesions[1]?.label).toBe("Cạnh mũi");
    await waitFor(() => expect(screen.getAllByTestId(testIds.lesionRow)[1]).toHaveTextContent("Cạnh mũi"));
  });

  it("finds its filter in the address", async () => {
    open("en", 0, "?risk=HIGH&risk=URGENT");
    await waitFor(() => expect(entries()).toHaveLength(3));
    expect(screen.getByTestId(testIds.filterRisk("HIGH"))).toHaveAttribute("aria-pressed", "true");
  });

  it("draws a window of 5,000 analyses and reads them by the page", async () => {
    const { clinic } = open("en", 5000);
    await waitFor(() => expect(entries().length).toBeGreaterThan(8));
    expect(entries().length).toBeLessThan(120);
    expect(clinic.calls.filter(({ command }) => command === "history").length).toBeLessThan(4);
  });

  it("is not read further in the middle of being read anew", async () => {
    const { clinic, patientId } = open("en", 300);
    await waitFor(() => expect(entries().length).toBeGreaterThan(8));
    const read = () => clinic.calls.filter(({ command }) => command === "history");
    expect(read()).toHaveLength(1);
    const letGo = clinic.hold("history");
    clinic.tell({ what: ["photos"], patient_id: patientId });
    await waitFor(() => expect(read()).toHaveLength(2));
    const area = screen.getByRole("main");
    area.scrollTop = 1_000_000;
    fireEvent.scroll(area);
    const last = historyOf(clinic.entries, patientId, everything)[99]?.photo_id;
    await waitFor(() => expect(entries().some((entry) => entry.dataset.photo === last)).toBe(true));
    expect(read()).toHaveLength(2);
    letGo();
    await waitFor(() => expect(read().map(({ args }) => args.before)).toEqual([null, null, "100"]));
  });

  it("says what to do where there are no photos", async () => {
    const clinic = new DemoClinic();
    const patient = clinic.register({
      full_name: "Vũ Thị Mới (mẫu)",
      born: null,
      sex: null,
      phone: null,
      national_id: null,
      address: null,
    });
    renderApp(clinic, `/patients/${patient.id}`);
    expect(await screen.findByText("No photos yet")).toBeVisible();
  });

  it("takes up what the core says has changed", async () => {
    const { clinic, patientId } = open();
    await waitFor(() => expect(entries()).toHaveLength(8));
    const lesion = clinic.lesions[0];
    if (lesion) clinic.addPhoto(lesion, new Date().toISOString(), null);
    clinic.tell({ what: ["photos"], patient_id: patientId });
    await waitFor(() => expect(entries()).toHaveLength(9));
  });

  it("tells a patient that is not there from an empty one", async () => {
    renderApp(new DemoClinic(), "/patients/nobody");
    const failure = await screen.findByTestId(testIds.failure);
    expect(failure).toHaveAttribute("data-code", "not_found");
    expect(within(failure).getByRole("link", { name: "Back to the patients" })).toHaveAttribute("href", "#/patients");
    expect(within(failure).queryByTestId(testIds.failureRetry)).not.toBeInTheDocument();
  });
});
