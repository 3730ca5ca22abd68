import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { testIds } from "../design/testIds";
import { axeProblems } from "./axeProblems";
import type { DemoClinic } from "./demoClinic";
import { openArranged } from "./renderApp";

const PATIENT = "patient-000001";
const open = (language: "vi" | "en" = "en", arrange: (clinic: DemoClinic) => void = () => undefined) =>
  openArranged(`/patients/${PATIENT}/new-photo`, arrange, language);

async function paste(...names: string[]) {
  await screen.findByTestId(testIds.dropZone);
  fireEvent.paste(document, { clipboardData: { files: names.map((name) => new File([name], name)) } });
}

const cards = () => screen.getAllByTestId(testIds.stagedCard);
const states = () => cards().map((card) => card.getAttribute("data-state"));
const keep = () => screen.getByTestId(testIds.keepPhotos);
const kept = (clinic: DemoClinic) =>
  clinic.calls.flatMap(({ command, args }) => (command === "keep_photo" ? [args.request] : []));

describe("a photo that is not good enough", () => {
  it("says why and what helps, and is kept only if a person says so", async () => {
    const { clinic, user, container } = open();
    await paste("good.jpg", "one blurred glare.jpg", "two dark.jpg");
    await waitFor(() => expect(states()).toEqual(["ready", "ready", "ready"]));
    const hints = screen.getAllByTestId(testIds.stagedFindings);
    expect(hints.map((hint) => hint.dataset.findings)).toEqual(["blurred glare", "dark"]);
    expect(hints[0]).toHaveTextContent(
      "The photo is blurred. Hold still, tap on the spot to focus, and take it again." +
        "Reflections hide part of the skin. Tilt the lamp or turn off the flash, and take it again.",
    );
    expect(keep()).toHaveTextContent("Keep 1 photo");
    expect(keep()).toHaveAccessibleDescription("2 photos need your decision: remove them or choose “Keep anyway”.");
    expect(screen.getByText(/^1 ready, .*\. 2 photos need your decision/)).toHaveAttribute("role", "status");
    expect(await axeProblems(container)).toEqual([]);

    const toggle = screen.getByRole("button", { name: "Keep anyway: one blurred glare.jpg" });
    expect(toggle).toHaveAccessibleDescription(/The photo is blurred/);
    toggle.focus();
    await user.keyboard("{Enter}");
    expect(toggle).toHaveAttribute("aria-pressed", "true");
    expect(hints[0]).toHaveTextContent("It will be kept as it is.");
    expect(keep()).toHaveTextContent("Keep 2 photos");
    expect(screen.getByTestId(testIds.keepUndecided)).toHaveTextContent("1 photo needs your decision");
    await user.keyboard(" ");
    expect(toggle).toHaveAttribute("aria-pressed", "false");
    expect(keep()).toHaveTextContent("Keep 1 photo");
    await user.keyboard(" ");

    await user.click(screen.getByTestId(testIds.site("back")));
    await user.click(screen.getByTestId(testIds.side("left")));
    await user.click(keep());
    await waitFor(() => expect(states()).toEqual(["kept", "kept", "ready"]));
    expect(kept(clinic)).toMatchObject([{ kept_anyway: false }, { kept_anyway: true }]);
    expect(keep()).toBeDisabled();
    expect(keep()).toHaveAccessibleDescription(/1 photo needs your decision: remove it/);
    expect(screen.queryByRole("link", { name: "Done, to the history" })).not.toBeInTheDocument();
  });

  it("is not left behind without a word, and is gone when it is removed", async () => {
    const { clinic, user } = open("vi");
    await paste("một no_lesion.jpg");
    await waitFor(() => expect(states()).toEqual(["ready"]));
    expect(screen.getByTestId(testIds.stagedFindings)).toHaveTextContent(
      "Không thấy rõ nốt nào trong ảnh này. Đưa máy lại gần, để nốt ở giữa ảnh rồi chụp lại.",
    );
    expect(keep()).toBeDisabled();
    expect(screen.getByTestId(testIds.keepUndecided)).toHaveTextContent("Còn 1 ảnh cần bạn quyết định");
    await user.click(screen.getByTestId(testIds.navSettings));
    expect(await screen.findByText("Còn 1 ảnh chưa lưu")).toBeVisible();
    await user.click(screen.getByTestId(testIds.confirmNo));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    await user.click(screen.getByTestId(testIds.stagedRemove));
    expect(screen.queryByTestId(testIds.keepUndecided)).not.toBeInTheDocument();
    await waitFor(() => expect(clinic.staged.size).toBe(0));
  });

  it("keeps the choice when it could not be kept at first", async () => {
    const { clinic, user } = open();
    clinic.fails.set("keep_photo", { code: "disk_full", message: "ENOSPC", subject: null });
    await paste("overexposed.jpg");
    await user.click(await screen.findByTestId(testIds.keepAnyway));
    await user.click(screen.getByTestId(testIds.site("back")));
    await user.click(screen.getByTestId(testIds.side("left")));
    await user.click(keep());
    await waitFor(() => expect(states()).toEqual(["not_kept"]));
    expect(screen.getByTestId(testIds.keepAnyway)).toHaveAttribute("aria-pressed", "true");
    await user.click(keep());
    await waitFor(() => expect(states()).toEqual(["kept"]));
  });
});

describe("a kept photo that is not good enough", () => {
  const judged = (kept_anyway: boolean) => (clinic: DemoClinic) => {
    const [entry] = clinic.entries;
    if (entry) clinic.measuring.keep(entry, ["blurred", "dark"], kept_anyway);
  };

  it("is marked in the history, and no other is", async () => {
    openArranged(`/patients/${PATIENT}`, judged(true));
    await waitFor(() => expect(screen.getAllByTestId(testIds.historyEntry).length).toBeGreaterThan(3));
    const marks = screen.getAllByTestId(testIds.historyFindings);
    expect(marks).toHaveLength(1);
    expect(marks[0]).toHaveTextContent("Photo quality: blurred, too dark");
  });

  it("says so beside its result, with who chose it and what helps the next time", async () => {
    const { clinic, user } = openArranged("/patients", judged(true));
    window.location.hash = `#/photos/${clinic.entries[0]?.photo_id}`;
    const note = await screen.findByTestId(testIds.photoQuality);
    expect(note).toHaveTextContent(
      "Photo quality: blurred, too dark. A person saw this and chose to keep the photo. The result may be less reliable.",
    );
    expect(screen.getByText("blurred, too dark · check 1")).toBeVisible();
    await user.click(within(note).getByText("How to take it again"));
    expect(within(note).getByText(/Turn on a lamp/)).toBeVisible();
  });

  it("blames nobody where nobody was asked", async () => {
    const { clinic } = openArranged("/patients", judged(false), "vi");
    window.location.hash = `#/photos/${clinic.entries[0]?.photo_id}`;
    const note = await screen.findByTestId(testIds.photoQuality);
    expect(note).toHaveTextContent("Chất lượng ảnh: bị mờ, quá tối. Kết quả có thể kém tin cậy hơn.");
  });

  it("is not spoken of where the photo is good, or was never judged", async () => {
    const { clinic } = openArranged("/patients", (made) => {
      const [entry] = made.entries;
      if (entry) made.measuring.keep(entry, [], false);
    });
    window.location.hash = `#/photos/${clinic.entries[0]?.photo_id}`;
    expect(await screen.findByText("good · check 1")).toBeVisible();
    expect(screen.queryByTestId(testIds.photoQuality)).not.toBeInTheDocument();
    window.location.hash = `#/photos/${clinic.entries[1]?.photo_id}`;
    await waitFor(() => expect(screen.queryByText("good · check 1")).not.toBeInTheDocument());
    await screen.findByTestId(testIds.resultRisk);
    expect(screen.queryByTestId(testIds.photoQuality)).not.toBeInTheDocument();
  });
});
