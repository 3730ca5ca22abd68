import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { testIds } from "../design/testIds";
import { DemoClinic } from "./demoClinic";
import { hoa, withHoa } from "./demoData";
import { renderApp } from "./renderApp";

const NOW = "2026-11-22T01:00:00.000Z";

function open(language: "vi" | "en" = "en", arrange: (clinic: DemoClinic) => void = () => undefined) {
  const clinic = new DemoClinic();
  const patientId = withHoa(clinic);
  arrange(clinic);
  return { clinic, patientId, ...renderApp(clinic, `/patients/${patientId}/new-photo`, language) };
}

async function paste(...files: [name: string, content: string][]) {
  await screen.findByTestId(testIds.dropZone);
  const dropped = files.map(([name, content]) => new File([content], name));
  fireEvent.paste(document, { clipboardData: { files: dropped } });
}

const cards = () => screen.getAllByTestId(testIds.stagedCard);
const states = () => cards().map((card) => card.getAttribute("data-state"));

describe("new photo", () => {
  it("reads what is good, names what is bad with its reason, and keeps the rest into one lesion", async () => {
    const { clinic, user, patientId } = open();
    const before = { photos: clinic.entries.length, lesions: clinic.lesions.length };
    await paste(["một.jpg", "first"], ["tài liệu.jpg", "<html>"], ["hai.jpg", "second"], ["trống.jpg", ""]);
    await waitFor(() => expect(states()).toEqual(["ready", "refused", "ready", "refused"]));
    expect(cards()[1]).toHaveTextContent("This file is not a picture.");
    expect(cards()[3]).toHaveTextContent("The file is empty.");

    await user.click(screen.getByTestId(testIds.keepPhotos));
    expect(screen.getByText(/Choose the body site before keeping/)).toBeVisible();
    expect(screen.getByText(/Choose the side before keeping/)).toBeVisible();
    expect(screen.getByTestId(testIds.site("face"))).toHaveFocus();
    expect(clinic.entries).toHaveLength(before.photos);

    await user.click(screen.getByTestId(testIds.site("legs")));
    await user.click(screen.getByTestId(testIds.side("right")));
    expect(screen.getByTestId(testIds.keepPhotos)).toHaveTextContent("Keep 2 photos");
    await user.dblClick(screen.getByTestId(testIds.keepPhotos));
    await waitFor(() => expect(states()).toEqual(["kept", "refused", "kept", "refused"]));
    expect(clinic.entries).toHaveLength(before.photos + 2);
    expect(clinic.lesions).toHaveLength(before.lesions + 1);
    expect(clinic.entries.slice(-2).every((entry) => entry.patient_id === patientId && entry.site === "legs")).toBe(
      true,
    );
    expect(cards()[0]).toHaveTextContent("Kept safely");
    await waitFor(() => expect(cards()[0]).toHaveTextContent("Demo model, not medical"));
  });

  it("shows the same content again as already stored, with a way to that photo", async () => {
    const { clinic, user } = open();
    await paste(["một.jpg", "same"]);
    await waitFor(() => expect(states()).toEqual(["ready"]));
    await user.click(screen.getByTestId(testIds.site("back")));
    await user.click(screen.getByTestId(testIds.side("left")));
    await user.click(screen.getByTestId(testIds.keepPhotos));
    await waitFor(() => expect(states()).toEqual(["kept"]));
    await paste(["một (1).jpg", "same"]);
    await waitFor(() => expect(states()).toEqual(["kept", "already"]));
    const link = within(cards()[1] as HTMLElement).getByTestId(testIds.stagedOpen);
    expect(link).toHaveAttribute("href", `#/photos/${clinic.entries.at(-1)?.photo_id}`);
    expect(screen.getByTestId(testIds.keepPhotos)).toBeDisabled();
    await waitFor(() => expect(clinic.staged.size, "left on the tray").toBe(0));
  });

  it("names the other patient in whose record the same picture lies, and keeps it only if a person says so", async () => {
    const { clinic, user, patientId } = open("en", (made) => {
      const other = made.register({ ...hoa, full_name: "Trần Thị Khác (mẫu)" });
      made.digests.set("same", made.addPhoto(made.addLesion(other.id, "back", "left", null), NOW, null).photo_id);
    });
    await paste(["một.jpg", "same"]);
    await waitFor(() => expect(states()).toEqual(["ready"]));
    const warning = within(cards()[0] as HTMLElement).getByRole("alert");
    await waitFor(() => expect(warning).toHaveTextContent("ANOTHER patient's record: Trần Thị Khác (mẫu)"));
    expect(within(cards()[0] as HTMLElement).getByTestId(testIds.stagedOpen)).toHaveAttribute(
      "href",
      `#/photos/${clinic.digests.get("same")}`,
    );
    expect(screen.getByTestId(testIds.keepPhotos)).toBeDisabled();
    expect(screen.getByTestId(testIds.keepUndecided)).toHaveTextContent("1 photo needs your decision");
    const toggle = screen.getByRole("button", { name: "Keep anyway: một.jpg" });
    expect(toggle).toHaveAccessibleDescription(/ANOTHER patient's record/);
    await user.click(toggle);
    await user.click(screen.getByTestId(testIds.site("back")));
    await user.click(screen.getByTestId(testIds.side("left")));
    await user.click(screen.getByTestId(testIds.keepPhotos));
    await waitFor(() => expect(states()).toEqual(["kept"]));
    expect(clinic.entries.at(-1)?.patient_id).toBe(patientId);
    // Nothing is wrong with the picture itself.
    const keeps = clinic.calls.filter(({ command }) => command === "keep_photo");
    expect(keeps).toMatchObject([{ args: { request: { kept_anyway: false } } }]);
  });

  it("says beside the button whose record the photos go into, and leads on when all are kept", async () => {
    const { user, patientId } = open("vi");
    await paste(["a.jpg", "a"], ["tài liệu.jpg", "<html>"]);
    await waitFor(() => expect(states()).toEqual(["ready", "refused"]));
    expect(screen.getByText("Lưu vào hồ sơ: Nguyễn Văn Hòa (mẫu)")).toBeVisible();
    expect(screen.queryByRole("link", { name: "Xong, về lịch sử" })).not.toBeInTheDocument();
    await user.click(screen.getByTestId(testIds.site("back")));
    await user.click(screen.getByTestId(testIds.side("left")));
    await user.click(screen.getByTestId(testIds.keepPhotos));
    const done = await screen.findByRole("link", { name: "Xong, về lịch sử" });
    expect(done).toHaveAttribute("href", `#/patients/${patientId}`);
  });

  it("shows the whole photo large before it is kept", async () => {
    const { user, clinic } = open();
    await paste(["a.jpg", "a"], ["no_lesion.jpg", "b"]);
    await waitFor(() => expect(states()).toEqual(["ready", "ready"]));
    await user.click(screen.getByRole("button", { name: "Enlarge a.jpg" }));
    const first = within(await screen.findByRole("dialog"));
    const [id] = clinic.staged.keys();
    expect(first.getByRole("img")).toHaveAttribute("src", `photo://localhost/staged/${id}/derivative`);
    expect(first.getByTestId(testIds.outlineShape)).toBeInTheDocument();
    expect(first.getByText(/what the program takes for the lesion/)).toBeVisible();
    await user.click(first.getByRole("button", { name: "Close" }));

    await user.click(await screen.findByRole("button", { name: "Enlarge no_lesion.jpg" }));
    const second = within(await screen.findByRole("dialog", { name: "no_lesion.jpg" }));
    expect(second.getByText("The program found no lesion to outline.")).toBeVisible();
    expect(second.queryByTestId(testIds.outlineShape)).not.toBeInTheDocument();
  });

  it("keeps the others when one can't be kept, and tries that one again", async () => {
    const { clinic, user } = open();
    clinic.fails.set("keep_photo", { code: "disk_full", message: "ENOSPC", subject: null });
    await paste(["a.jpg", "a"], ["b.jpg", "b"]);
    await waitFor(() => expect(states()).toEqual(["ready", "ready"]));
    await user.click(screen.getByTestId(testIds.site("face")));
    await user.click(screen.getByTestId(testIds.side("midline")));
    const note = screen.getByTestId(testIds.keepNote);
    await user.type(note, "Itches");
    await user.click(screen.getByTestId(testIds.keepPhotos));
    await waitFor(() => expect(states()).toEqual(["not_kept", "kept"]));
    expect(cards()[0]).toHaveTextContent("The disk is full");
    expect(note).toHaveValue("Itches");
    await user.click(screen.getByTestId(testIds.keepPhotos));
    await waitFor(() => expect(states()).toEqual(["kept", "kept"]));
    const texts = clinic.entries.slice(-2).map((entry) => clinic.notes.of(entry.photo_id).map(({ text }) => text));
    expect(texts).toEqual([["Itches"], ["Itches"]]);
    await waitFor(() => expect(note).toHaveValue(""));
  });

  it("waits with a photo for no look at those that are kept, which show their result when it is there", async () => {
    const { clinic, user } = open();
    const letGo = clinic.hold("photo");
    await paste(["a.jpg", "a"]);
    await waitFor(() => expect(states()).toEqual(["ready"]));
    await user.click(screen.getByTestId(testIds.site("face")));
    await user.click(screen.getByTestId(testIds.side("midline")));
    await user.click(screen.getByTestId(testIds.keepPhotos));
    await waitFor(() => expect(states()).toEqual(["kept"]));
    await waitFor(() => expect(clinic.calls.some(({ command }) => command === "photo")).toBe(true));
    await paste(["b.jpg", "b"], ["c.jpg", "c"]);
    await waitFor(() => expect(states()).toEqual(["kept", "ready", "ready"]));
    await user.click(screen.getByTestId(testIds.keepPhotos));
    await waitFor(() => expect(states()).toEqual(["kept", "kept", "kept"]));
    letGo();
    for (const card of cards()) expect(await within(card).findByText("Demo model, not medical")).toBeVisible();
  });

  it("takes a site that is chosen while photos are being kept for the next photos", async () => {
    const { clinic, user } = open();
    const letGo = clinic.hold("keep_photo");
    await paste(["a.jpg", "a"]);
    await waitFor(() => expect(states()).toEqual(["ready"]));
    await user.click(screen.getByTestId(testIds.site("back")));
    await user.click(screen.getByTestId(testIds.side("left")));
    await user.click(screen.getByTestId(testIds.keepPhotos));
    await waitFor(() => expect(states()).toEqual(["keeping"]));
    await user.click(screen.getByTestId(testIds.site("legs")));
    letGo();
    await waitFor(() => expect(states()).toEqual(["kept"]));
    await paste(["b.jpg", "b"]);
    await waitFor(() => expect(states()).toEqual(["kept", "ready"]));
    await user.click(screen.getByTestId(testIds.keepPhotos));
    await waitFor(() => expect(states()).toEqual(["kept", "kept"]));
    const [first, second] = clinic.entries.slice(-2);
    expect(first?.site).toBe("back");
    expect(second?.site).toBe("legs");
    expect(second?.lesion_id).not.toBe(first?.lesion_id);
  });

  it("joins a lesion that is known, with its site and side", async () => {
    const { clinic, user } = open();
    await paste(["a.jpg", "a"]);
    await waitFor(() => expect(states()).toEqual(["ready"]));
    const lesion = clinic.lesions[1];
    await user.selectOptions(screen.getByTestId(testIds.lesionSelect), lesion?.id ?? "");
    expect(screen.getByTestId(testIds.site("face"))).toBeChecked();
    expect(screen.getByTestId(testIds.side("right"))).toBeChecked();
    await user.click(screen.getByTestId(testIds.keepPhotos));
    await waitFor(() => expect(states()).toEqual(["kept"]));
    expect(clinic.entries.at(-1)?.lesion_id).toBe(lesion?.id);
  });

  it("warns before photos that are not kept are left behind, and gives them back when they are", async () => {
    const { clinic, user } = open("vi");
    await paste(["a.jpg", "a"]);
    await waitFor(() => expect(states()).toEqual(["ready"]));
    await user.click(screen.getByTestId(testIds.navSettings));
    expect(await screen.findByText("Còn 1 ảnh chưa lưu")).toBeVisible();
    await user.click(screen.getByTestId(testIds.confirmNo));
    expect(states()).toEqual(["ready"]);
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    await user.click(screen.getByTestId(testIds.navSettings));
    await user.click(await screen.findByTestId(testIds.confirmYes));
    expect(await screen.findByTestId(testIds.checkIntegrity)).toBeVisible();
    await waitFor(() => expect(clinic.staged.size).toBe(0));
  });

  it("picks through the dialog, warns of dermoscopy, and shows an analysis when it comes", async () => {
    const { clinic, user } = open("en", (made) => {
      made.analysesAtOnce = false;
      made.picked = ["/card/IMG_1.jpg"];
    });
    await user.click(await screen.findByTestId(testIds.pickFiles));
    await waitFor(() => expect(states()).toEqual(["ready"]));
    await user.click(screen.getByTestId(testIds.kind("dermoscopic")));
    expect(screen.getByTestId(testIds.dermoscopicWarning)).toHaveTextContent("outside what the model has seen");
    await user.click(screen.getByTestId(testIds.polarised("yes")));
    await user.click(screen.getByTestId(testIds.site("back")));
    await user.click(screen.getByTestId(testIds.side("left")));
    await user.click(screen.getByTestId(testIds.keepPhotos));
    await waitFor(() => expect(cards()[0]).toHaveTextContent("Kept safely · Analysing…"));
    expect(clinic.entries.at(-1)?.kind).toBe("dermoscopic");
    clinic.finishAnalyses();
    await waitFor(() => expect(cards()[0]).not.toHaveTextContent("Analysing…"));
    await user.click(within(cards()[0] as HTMLElement).getByRole("link"));
    expect(await screen.findByText("polarised light")).toBeVisible();
    expect(screen.queryByText(/with contact|without contact/)).not.toBeInTheDocument();
  });

  it("asks for a patient first when none is in sight", async () => {
    const clinic = new DemoClinic();
    withHoa(clinic);
    const { user } = renderApp(clinic, "/patients");
    await user.click(await screen.findByTestId(testIds.navNewPhoto));
    expect(await screen.findByText("New photo: choose a patient")).toBeVisible();
    await user.click(await screen.findByTestId(testIds.patientRow));
    expect(await screen.findByTestId(testIds.dropZone)).toBeVisible();
    expect(screen.getByTestId(testIds.patientBanner)).toBeVisible();
  });
});
