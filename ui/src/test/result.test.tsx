import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { testIds } from "../design/testIds";
import type { Code } from "../ipc/bindings";
import { DemoClinic } from "./demoClinic";
import { withHoa } from "./demoData";
import { renderApp } from "./renderApp";

function open(language: "vi" | "en", nth = 0, arrange: (clinic: DemoClinic) => void = () => undefined) {
  const clinic = new DemoClinic();
  withHoa(clinic);
  arrange(clinic);
  return { clinic, ...renderApp(clinic, `/photos/${clinic.entries[nth]?.photo_id}`, language) };
}

describe("result", () => {
  it("explains itself in Vietnamese", async () => {
    open("vi");
    const risk = await screen.findByTestId(testIds.resultRisk);
    expect(risk).toHaveTextContent("Khẩn cấp");
    expect(risk).toHaveTextContent(
      "U hắc tố 41 %, đạt ngưỡng 30 % của quy tắc 2026.1. Cần bác sĩ da liễu xem trong 1 ngày.",
    );
    expect(screen.getAllByTestId(testIds.probability)).toHaveLength(6);
    expect(screen.getByText("Thấp (0,41)")).toBeVisible();
    expect(screen.getByText("đúng 69 % trên ảnh điện thoại PAD-UFES-20")).toBeVisible();
    expect(screen.getByTestId(testIds.disclaimer)).toHaveTextContent("không phải chẩn đoán");
    expect(screen.getByTestId(testIds.patientBanner)).toBeVisible();
    expect(screen.queryByTestId(testIds.demoMark)).not.toBeInTheDocument();
    expect(document.documentElement.lang).toBe("vi");
    expect(document.title).toBe("Kết quả · SeekWell");
  });

  it("changes language at once and leaves no word behind", async () => {
    const { user, clinic } = open("vi");
    await screen.findByTestId(testIds.resultRisk);
    await user.click(screen.getByTestId(testIds.languageSwitch));
    await waitFor(() =>
      expect(screen.getByTestId(testIds.resultRisk)).toHaveTextContent("Melanoma 41%, at or above the 30% threshold"),
    );
    expect(screen.getByTestId(testIds.disclaimer)).toHaveTextContent("not a diagnosis");
    expect(document.documentElement.lang).toBe("en");
    expect(clinic.preferences.language).toBe("en");
    expect(screen.queryByText("Việc cần làm")).not.toBeInTheDocument();
  });

  it("says which rule raised the risk, and where", async () => {
    open("en", 3);
    expect(await screen.findByTestId(testIds.resultRisk)).toHaveTextContent(
      "raises it one step to high because of the site: face",
    );
  });

  it("marks a demo model where nobody can miss it", async () => {
    open("vi", 0, (clinic) => {
      const analysis = clinic.entries[0]?.analysis;
      if (analysis?.state === "done") Object.assign(analysis, { demo: true, published_accuracy: null });
    });
    expect(await screen.findByTestId(testIds.demoMark)).toHaveTextContent("MÔ HÌNH DEMO, KHÔNG DÙNG CHO Y TẾ");
    expect(screen.queryByText(/PAD-UFES-20/)).not.toBeInTheDocument();
  });

  it("shows a photo that waits, and its result when it comes", async () => {
    const { clinic } = open("en", 2);
    expect(await screen.findByTestId(testIds.resultPending)).toHaveAttribute("data-reason", "queued");
    clinic.finishAnalyses();
    expect(await screen.findByTestId(testIds.resultRisk)).toBeVisible();
  });

  it("zooms with the keyboard up to the original's pixels, through the photo scheme only", async () => {
    const { clinic } = open("en");
    const viewer = await screen.findByTestId(testIds.photoViewer);
    const id = clinic.entries[0]?.photo_id;
    const addresses = () => [...viewer.querySelectorAll("img")].map((image) => image.getAttribute("src"));
    expect(addresses()).toEqual([`photo://localhost/${id}/derivative`]);
    for (let press = 0; press < 12; press += 1) fireEvent.keyDown(viewer, { key: "+" });
    await waitFor(() => expect(addresses()).toContain(`photo://localhost/${id}/full`));
    expect(screen.getByTestId(testIds.zoomLevel)).toHaveTextContent("100%");
    expect(screen.getByTestId(testIds.zoomIn)).toBeDisabled();
    fireEvent.keyDown(viewer, { key: "0" });
    expect(screen.getByTestId(testIds.zoomOut)).toBeDisabled();
  });

  it("goes to the older photo and back to the newer", async () => {
    const { user } = open("en");
    await screen.findByTestId(testIds.resultRisk);
    await user.click(screen.getByTestId(testIds.olderPhoto));
    await waitFor(() => expect(screen.getByTestId(testIds.resultRisk)).toHaveAttribute("data-risk", "UNCERTAIN"));
    await user.click(screen.getByTestId(testIds.newerPhoto));
    await waitFor(() => expect(screen.getByTestId(testIds.resultRisk)).toHaveAttribute("data-risk", "URGENT"));
  });

  it("adds a note, edits it, and shows what it said before", async () => {
    const { user, clinic } = open("en", 1);
    await user.click(await screen.findByTestId(testIds.note));
    await user.type(screen.getByTestId(testIds.noteText), "Itches");
    await user.click(screen.getByTestId(testIds.noteSave));
    expect(await screen.findByText("Itches")).toBeVisible();
    await user.click(screen.getByTestId(testIds.noteEdit));
    await user.type(screen.getByTestId(testIds.noteText), " at night");
    await user.click(screen.getByTestId(testIds.noteSave));
    expect(await screen.findByText("Itches at night")).toBeVisible();
    await user.click(await screen.findByTestId(testIds.noteVersions));
    expect(await screen.findByText("Itches")).toBeVisible();
    expect(clinic.entries[1]?.notes).toBe(1);
  });
});

describe("a picture that does not load", () => {
  const image = () => screen.getByTestId(testIds.photoViewer).querySelector("img");
  const asked = ({ calls }: DemoClinic) => calls.filter(({ command }) => command === "check_image");
  async function openBroken(code: Code | null, language: "vi" | "en" = "en") {
    const opened = open(language);
    const photoId = opened.clinic.entries[0]?.photo_id ?? "";
    await screen.findByTestId(testIds.photoViewer);
    if (code) opened.clinic.disk.unseen.set(photoId, code);
    fireEvent.error(image() as HTMLImageElement);
    return { ...opened, photoId };
  }
  const note = () => within(screen.getByTestId(testIds.photoViewer)).findByTestId(testIds.failure);

  it("is damaged where the core says so, and trying again is no way out", async () => {
    const { clinic, photoId } = await openBroken("photo_damaged");
    expect(await note()).toHaveAttribute("data-code", "photo_damaged");
    expect(within(await note()).queryByTestId(testIds.failureRetry)).not.toBeInTheDocument();
    expect(asked(clinic).map(({ args }) => args)).toEqual([{ photoId, rendition: "derivative" }]);
    expect(image()).toBeNull();
  });

  it.each([
    ["image_not_here", "en", "This photo is on another workstation that has not sent it yet."],
    ["centre_unreachable", "en", "This picture is not on this machine, and the centre can't be reached now."],
    ["centre_unreachable", "vi", "Ảnh này không có trên máy này và hiện chưa liên lạc được với trung tâm."],
    ["centre_refuses", "en", "This picture is not on this machine, and the centre does not let this machine in."],
    ["not_connected", "vi", "Ảnh này không có trên máy này và máy này chưa kết nối với trung tâm."],
  ] as const)("says of %s in %s what it means for a picture", async (code, language, words) => {
    await openBroken(code, language);
    expect(await note()).toHaveTextContent(words);
    expect(await note()).toHaveAttribute("data-code", code);
  });

  it("is shown when somebody tries again and nothing is in the way any more", async () => {
    const { clinic, user, photoId } = await openBroken("centre_unreachable");
    await user.click(within(await note()).getByTestId(testIds.failureRetry));
    await waitFor(() => expect(asked(clinic)).toHaveLength(2));
    expect(await note()).toHaveAttribute("data-code", "centre_unreachable");
    clinic.disk.unseen.delete(photoId);
    await user.click(within(await note()).getByTestId(testIds.failureRetry));
    await waitFor(() => expect(image()).toHaveAttribute("src", `photo://localhost/${photoId}/derivative`));
    expect(screen.queryByTestId(testIds.failure)).not.toBeInTheDocument();
  });

  it("is shown after news about photos", async () => {
    const { clinic, photoId } = await openBroken("image_not_here");
    await note();
    clinic.disk.unseen.delete(photoId);
    clinic.tell({ what: ["photos"], patient_id: clinic.patients[0]?.id ?? null });
    await waitFor(() => expect(image()).toBeInTheDocument());
    expect(asked(clinic)).toHaveLength(2);
  });

  it("is tried once more where the core can open it, and not over and over", async () => {
    const { clinic, user } = await openBroken(null);
    await waitFor(() => expect(image()).toBeInTheDocument());
    fireEvent.error(image() as HTMLImageElement);
    expect(await note()).toHaveAttribute("data-code", "unexpected");
    expect(image()).toBeNull();
    expect(asked(clinic)).toHaveLength(1);
    await user.click(within(await note()).getByTestId(testIds.failureRetry));
    await waitFor(() => expect(image()).toBeInTheDocument());
    expect(asked(clinic)).toHaveLength(2);
  });
});
