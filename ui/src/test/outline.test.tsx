import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { testIds } from "../design/testIds";
import { distance } from "../features/result/outline/sculpt";
import type { Outline } from "../ipc/bindings";
import { axeProblems } from "./axeProblems";
import type { DemoClinic } from "./demoClinic";
import { openArranged } from "./renderApp";

const PHOTO = "photo-000005";
const open = (arrange: (clinic: DemoClinic) => void = () => undefined, language: "vi" | "en" = "en", photo = PHOTO) =>
  openArranged(`/photos/${photo}`, arrange, language);

const part = () => screen.findByTestId(testIds.measurements);
const handles = () => screen.getAllByTestId(testIds.outlineHandle);
const line = () => screen.getByTestId(testIds.outlineShape).getAttribute("points");
const asked = (clinic: DemoClinic, command: "measure_photo" | "save_outline") =>
  clinic.calls
    .filter((call) => call.command === command)
    .map(({ args }) => args as { corners: Outline | null; millimetresPerPixel: number | null });
const button = (id: string) => screen.getByTestId(id);

async function adjust(user: ReturnType<typeof open>["user"]) {
  await user.click(await screen.findByTestId(testIds.outlineAdjust));
  await screen.findByTestId(testIds.outlineBar);
}

describe("measurements", () => {
  it("are plain numbers with what they mean, who drew the line, and no millimetres without a scale", async () => {
    const { user, container, clinic } = open();
    const numbers = clinic.measuring.measure(PHOTO, null, null)?.measurements;
    const section = await part();
    expect(section).toHaveAccessibleName("Measurements");
    expect(button(testIds.measurement("diameter"))).toHaveTextContent(
      `${Math.round(numbers?.diameter_px ?? 0)} pixels`,
    );
    expect(button(testIds.measurement("area"))).toHaveTextContent(/^\d+\.\d% of the picture$/);
    expect(button(testIds.measurement("asymmetry"))).toHaveTextContent(
      /^[<\s\d]+% over the long axis, [<\s\d]+% over the short axis$/,
    );
    expect(button(testIds.measurement("border"))).toHaveTextContent(/^1\.\d\d \(a circle is 1\)$/);
    expect(button(testIds.measurement("colour"))).toHaveTextContent("14.2 colour units");
    expect(section).toHaveTextContent("No scale given");
    expect(section).toHaveTextContent(/Outline found by the program, \d\d\/\d\d\/\d{4} \d\d:\d\d · measurement 1/);
    expect(section).toHaveTextContent("These are numbers, not a diagnosis.");
    const meanings = button(testIds.measurementMeanings);
    expect(meanings).not.toHaveAttribute("open");
    await user.click(within(meanings).getByText("What the numbers mean"));
    expect(meanings).toHaveAttribute("open");
    for (const source of ["Stoecker, Li & Moss 1992", "Golston", "Celebi et al. 2007", "ISO 9276-6"])
      expect(meanings).toHaveTextContent(source);
    expect(await axeProblems(container)).toEqual([]);
  });

  it("speak Vietnamese, and stand beside a result that is still to come", async () => {
    open(undefined, "vi", "photo-000008");
    const section = await part();
    expect(screen.getByTestId(testIds.resultPending)).toBeVisible();
    expect(section).toHaveAccessibleName("Số đo");
    expect(button(testIds.measurement("diameter"))).toHaveTextContent(/^\d+ điểm ảnh$/);
    expect(button(testIds.measurement("border"))).toHaveTextContent(/^1,\d\d \(hình tròn là 1\)$/);
    expect(section).toHaveTextContent("không phải chẩn đoán");
  });

  it("are for a patient to read, not to change", async () => {
    open((clinic) => {
      clinic.signedIn = { id: "p9", full_name: "Hòa (mẫu)", email: "hoa@tram.example", role: "PATIENT" };
    });
    expect(await part()).toHaveTextContent("Greatest diameter");
    expect(screen.queryByTestId(testIds.outlineAdjust)).not.toBeInTheDocument();
    expect(screen.queryByTestId(testIds.outlineGiveScale)).not.toBeInTheDocument();
  });
});

describe("the outline on the photo", () => {
  it("is there, and goes and comes back", async () => {
    const { user } = open();
    const toggle = await screen.findByTestId(testIds.outlineToggle);
    expect(toggle).toHaveAttribute("aria-pressed", "true");
    expect(line()?.split(" ")).toHaveLength(120);
    expect(screen.getByTestId(testIds.outlineShape)).toHaveAttribute("vector-effect", "non-scaling-stroke");
    toggle.focus();
    await user.keyboard("{Enter}");
    expect(toggle).toHaveAttribute("aria-pressed", "false");
    expect(screen.queryByTestId(testIds.outlineShape)).not.toBeInTheDocument();
    await user.keyboard("{Enter}");
    expect(screen.getByTestId(testIds.outlineShape)).toBeInTheDocument();
  });

  it("lies in the photo's own place when it is zoomed and moved", async () => {
    open();
    const viewer = await screen.findByTestId(testIds.photoViewer);
    fireEvent.keyDown(viewer, { key: "+" });
    fireEvent.keyDown(viewer, { key: "ArrowLeft" });
    const image = viewer.querySelector("img") as HTMLElement;
    const holder = viewer.querySelector("svg")?.parentElement as HTMLElement;
    for (const property of ["width", "height", "transform"] as const)
      expect(holder.style[property]).toBe(image.style[property]);
    expect(image.style.transform).toContain("80px");
  });

  it("has no button where there is none", async () => {
    open((clinic) => void clinic.measuring.nothingIn.add(PHOTO));
    expect(await part()).toHaveTextContent("This photo has no outline yet, so nothing is measured.");
    expect(screen.queryByTestId(testIds.outlineToggle)).not.toBeInTheDocument();
    expect(screen.getByTestId(testIds.outlineAdjust)).toHaveTextContent("Draw outline");
  });
});

describe("changing the outline", () => {
  it("works by keyboard alone, from the button to the saved outline with its author", async () => {
    const { user, clinic, container } = open();
    (await screen.findByTestId(testIds.outlineAdjust)).focus();
    await user.keyboard("{Enter}");
    expect(handles()).toHaveLength(16);
    expect(handles()[0]).toHaveFocus();
    expect(handles()[2]).toHaveAccessibleName("Handle 3 of 16");
    expect(handles()[2]).toHaveAccessibleDescription(/Arrow keys move it/);
    expect(await axeProblems(container)).toEqual([]);
    const before = line();
    await user.keyboard("{Tab}{Tab}");
    expect(handles()[2]).toHaveFocus();
    const left = () => Number.parseFloat(handles()[2]?.style.left ?? "");
    const start = left();
    await user.keyboard("{ArrowRight}");
    // Ten pixels of the 1000 on which the whole photo lies.
    expect(left() - start).toBeCloseTo(1, 1);
    await user.keyboard("{Shift>}{ArrowRight}{/Shift}");
    expect(left() - start).toBeCloseTo(1.2, 1);
    expect(line()).not.toBe(before);
    await user.click(button(testIds.outlineUndo));
    expect(left() - start).toBeCloseTo(1, 1);
    await user.keyboard("{Control>}z{/Control}");
    expect(left()).toBe(start);
    handles()[2]?.focus();
    await user.keyboard("{ArrowRight}");

    button(testIds.outlineSave).focus();
    await user.keyboard("{Enter}");
    await waitFor(() => expect(screen.queryByTestId(testIds.outlineBar)).not.toBeInTheDocument());
    expect(button(testIds.outlineAdjust)).toHaveFocus();
    expect(await part()).toHaveTextContent(/Outline drawn by Lê Thị Mai \(mẫu\)/);
    expect(screen.getByText("The outline is saved.")).toHaveAttribute("role", "status");
    const [saved] = asked(clinic, "save_outline");
    expect(saved?.corners?.length).toBeLessThanOrEqual(500);
    expect(saved?.millimetresPerPixel).toBeNull();
  });

  it("follows a finger, takes the handle that lies nearest, and takes the whole drag back at once", async () => {
    const { user } = open();
    await adjust(user);
    const [first] = handles();
    const before = line();
    const top = () => Number.parseFloat(first?.style.top ?? "");
    const start = top();
    fireEvent.pointerDown(first as HTMLElement, { pointerId: 1, button: 0, clientX: 0, clientY: 0 });
    for (const y of [-5, -30, -75])
      fireEvent.pointerMove(first as HTMLElement, { pointerId: 1, buttons: 1, clientX: 0, clientY: y });
    expect(top() - start).toBeCloseTo(-10, 0);
    fireEvent.pointerUp(first as HTMLElement, { pointerId: 1 });
    fireEvent.pointerMove(first as HTMLElement, { pointerId: 1, clientX: 0, clientY: 300 });
    expect(top() - start).toBeCloseTo(-10, 0);
    await user.click(button(testIds.outlineUndo));
    expect(line()).toBe(before);
    expect(button(testIds.outlineUndo)).toHaveAttribute("aria-disabled", "true");

    const place = (nth: number) => [
      Number.parseFloat(handles()[nth]?.style.left ?? "") * 10,
      Number.parseFloat(handles()[nth]?.style.top ?? "") * 7.5,
    ];
    const [x = 0, y = 0] = place(0);
    const [nextX = 0, nextY = 0] = place(1);
    const near = { pointerId: 2, button: 0, clientX: (nextX - x) * 0.8, clientY: (nextY - y) * 0.8 };
    fireEvent.pointerDown(handles()[0] as HTMLElement, near);
    expect(handles()[1]).toHaveFocus();
    fireEvent.pointerUp(handles()[0] as HTMLElement, near);
    expect(line()).toBe(before);
  });

  it("zooms meanwhile, so that a step is finer", async () => {
    const { user } = open();
    await adjust(user);
    const left = () => Number.parseFloat(handles()[0]?.style.left ?? "");
    for (let press = 0; press < 3; press += 1) await user.keyboard("+");
    const start = left();
    await user.keyboard("{ArrowRight}");
    expect(left() - start).toBeCloseTo(1 / 1.35 ** 3, 1);
  });

  it("shows the numbers of what is drawn, and stores none of it until it is saved", async () => {
    const { user, clinic } = open();
    const before = (await screen.findByTestId(testIds.measurement("area"))).textContent;
    await adjust(user);
    await user.keyboard("{ArrowUp}{ArrowUp}{ArrowUp}");
    await waitFor(() => expect(button(testIds.measurement("area")).textContent).not.toBe(before));
    expect(within(button(testIds.outlineBar)).getByText(/^Greatest diameter: \d+ pixels · Area: /)).toBeVisible();
    expect(await part()).toHaveTextContent("Nothing is saved yet.");
    // Two rests at the most, not one question for each step.
    expect(asked(clinic, "measure_photo").length).toBeLessThanOrEqual(2);
    await user.keyboard("{Escape}");
    await user.click(await screen.findByTestId(testIds.confirmYes));
    expect(screen.queryByTestId(testIds.outlineBar)).not.toBeInTheDocument();
    expect(button(testIds.measurement("area")).textContent).toBe(before);
    expect(line()?.split(" ")).toHaveLength(120);
    expect(asked(clinic, "save_outline")).toEqual([]);
  });

  it("refuses a line that crosses itself beside the button, and stays", async () => {
    const { user, clinic } = open();
    await adjust(user);
    for (let step = 0; step < 60; step += 1)
      fireEvent.keyDown(document.activeElement ?? document.body, { key: "ArrowDown" });
    await user.click(button(testIds.outlineSave));
    const note = await within(button(testIds.outlineBar)).findByTestId(testIds.failure);
    expect(note).toHaveAttribute("data-code", "outline_invalid");
    expect(note).toHaveTextContent("The line crosses itself.");
    expect(within(note).queryByTestId(testIds.failureRetry)).not.toBeInTheDocument();
    expect(handles()).toHaveLength(16);
    for (let step = 0; step < 60; step += 1) fireEvent.click(button(testIds.outlineUndo));
    await waitFor(() => expect(screen.queryByTestId(testIds.failure)).not.toBeInTheDocument());
    expect(asked(clinic, "save_outline")).toHaveLength(1);
  });

  it("looks again for what it found, and says so where nothing is there", async () => {
    const { user, clinic } = open((made) => void made.measuring.nothingIn.add(PHOTO), "vi");
    await user.click(await screen.findByTestId(testIds.outlineAdjust));
    expect(handles()).toHaveLength(16);
    const ellipse = line();
    expect(button(testIds.outlineFind)).toHaveTextContent("Tự tìm");
    await user.click(button(testIds.outlineFind));
    expect(await screen.findByText(/Không tìm thấy nốt nào/)).toHaveAttribute("role", "status");
    expect(line()).toBe(ellipse);
    clinic.measuring.nothingIn.clear();
    await user.click(button(testIds.outlineFind));
    await waitFor(() => expect(line()).not.toBe(ellipse));
    await user.click(button(testIds.outlineUndo));
    expect(line()).toBe(ellipse);
  });

  it("says that the picture is elsewhere, and tries again", async () => {
    const { user, clinic } = open();
    await adjust(user);
    clinic.fails.set("measure_photo", { code: "image_not_here", message: "elsewhere", subject: null });
    await user.click(button(testIds.outlineFind));
    const note = await within(button(testIds.outlineBar)).findByTestId(testIds.failure);
    expect(note).toHaveAttribute("data-code", "image_not_here");
    await user.click(within(note).getByTestId(testIds.failureRetry));
    await waitFor(() => expect(screen.queryByTestId(testIds.failure)).not.toBeInTheDocument());
  });

  it("is let go with the screen, and another photo begins anew", async () => {
    const { user, clinic } = open();
    await adjust(user);
    await user.keyboard("{ArrowUp}");
    window.location.hash = "#/photos/photo-000009";
    await waitFor(() => expect(screen.queryByTestId(testIds.outlineBar)).not.toBeInTheDocument());
    expect(await screen.findByTestId(testIds.outlineAdjust)).toBeVisible();
    expect(asked(clinic, "save_outline")).toEqual([]);
  });
});

describe("a scale", () => {
  it("comes from two marks and a distance, goes with the outline, and gives millimetres", async () => {
    const { user, clinic } = open();
    await user.click(await screen.findByTestId(testIds.outlineGiveScale));
    expect(handles().map((one) => one.getAttribute("aria-label"))).toEqual([
      "Mark 1 of 2 on the ruler",
      "Mark 2 of 2 on the ruler",
    ]);
    expect(handles()[0]).toHaveFocus();
    expect(screen.getByText("No scale yet: move the marks first.")).toBeVisible();
    expect(button(testIds.outlineSave)).toHaveAttribute("aria-disabled", "true");
    await user.keyboard("{ArrowLeft}{Tab}{ArrowRight}{ArrowRight}");
    expect(screen.getByText("The marks are placed.")).toBeVisible();
    const field = button(testIds.outlineMillimetres);
    expect(field).toHaveValue("10");
    await user.clear(field);
    await user.type(field, "12,5");
    await waitFor(() => expect(button(testIds.measurement("diameter"))).toHaveTextContent(/^\d+\.\d mm$/));
    expect(button(testIds.measurement("area"))).toHaveTextContent(/^\d+\.\d mm² · /);
    const ends = handles().map(
      (one) => [Number.parseFloat(one.style.left) / 100, Number.parseFloat(one.style.top) / 100] as [number, number],
    );
    await user.click(button(testIds.outlineSave));
    await waitFor(() => expect(screen.queryByTestId(testIds.outlineBar)).not.toBeInTheDocument());
    const [saved] = asked(clinic, "save_outline");
    const [from = [0, 0], to = [0, 0]] = ends;
    expect(await part()).toHaveTextContent(/Outline found by the program, scale given by Lê Thị Mai \(mẫu\)/);
    expect(saved?.millimetresPerPixel).toBeCloseTo(12.5 / distance(from, to, { width: 1024, height: 768 }), 6);
    expect(await part()).not.toHaveTextContent("No scale given");
    expect(screen.queryByTestId(testIds.outlineGiveScale)).not.toBeInTheDocument();

    await adjust(user);
    await user.click(button(testIds.outlineScale));
    expect(screen.getByText("A scale is there. Move a mark to replace it.")).toBeVisible();
    await user.click(button(testIds.outlineScaleRemove));
    await user.click(button(testIds.outlineSave));
    await waitFor(() => expect(screen.queryByTestId(testIds.outlineBar)).not.toBeInTheDocument());
    expect(asked(clinic, "save_outline")[1]?.millimetresPerPixel).toBeNull();
    expect(await part()).toHaveTextContent("No scale given");
  });

  it("is not saved without a distance: the field says what it needs", async () => {
    const { user, clinic } = open(undefined, "vi");
    await user.click(await screen.findByTestId(testIds.outlineGiveScale));
    await user.keyboard("{ArrowLeft}");
    await user.clear(button(testIds.outlineMillimetres));
    await user.click(button(testIds.outlineScale));
    expect(handles()).toHaveLength(16);
    await user.click(button(testIds.outlineSave));
    expect(button(testIds.outlineMillimetres)).toHaveFocus();
    expect(button(testIds.outlineMillimetres)).toHaveAccessibleDescription(/Nhập một số lớn hơn 0/);
    expect(asked(clinic, "save_outline")).toEqual([]);
  });
});
