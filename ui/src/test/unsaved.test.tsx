import { emit } from "@tauri-apps/api/event";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { testIds } from "../design/testIds";
import { DemoClinic } from "./demoClinic";
import { hoa } from "./demoData";
import { openArranged, renderApp } from "./renderApp";

const PHOTO = "photo-000005";
const onPhoto = (language: "vi" | "en" = "en") => openArranged(`/photos/${PHOTO}`, () => undefined, language);
type User = ReturnType<typeof renderApp>["user"];

/** What is asked, once it is answered with "no", and the screen is as it was. */
async function stay(user: User) {
  const no = await screen.findByTestId(testIds.confirmNo);
  const words = no.closest('[role="dialog"]')?.textContent;
  await user.click(no);
  await waitFor(() => expect(asked()).toBe(false));
  return words;
}
async function leave(user: User) {
  await user.click(await screen.findByTestId(testIds.confirmYes));
  await waitFor(() => expect(asked()).toBe(false));
}
const asked = () => screen.queryByTestId(testIds.confirmNo) !== null;
/** Whether the window would be closed without a question. */
const closes = () => window.dispatchEvent(new Event("beforeunload", { cancelable: true }));

describe("a note that is not saved", () => {
  it("is asked about on every way out, and is lost only when somebody says so", async () => {
    const { user, clinic } = onPhoto();
    await user.click(await screen.findByTestId(testIds.note));
    const field = screen.getByTestId(testIds.noteText);
    expect(closes()).toBe(true);
    await user.type(field, "Itches");
    expect(closes()).toBe(false);
    await user.click(screen.getByTestId(testIds.navPatients));
    expect(await stay(user)).toBe("The note is not saved yetIt is lost if you leave now.Leave without savingStay");
    await user.click(screen.getByTestId(testIds.noteCancel));
    await stay(user);
    expect(field).toHaveValue("Itches");
    await user.click(screen.getByTestId(testIds.personMenu));
    await user.click(await screen.findByTestId(testIds.signOut));
    await stay(user);
    expect(clinic.calls.some(({ command }) => command === "sign_out")).toBe(false);
    await user.click(screen.getByTestId(testIds.noteCancel));
    await leave(user);
    expect(screen.queryByTestId(testIds.noteText)).not.toBeInTheDocument();
    expect(closes()).toBe(true);
    await user.click(screen.getByTestId(testIds.navPatients));
    expect(await screen.findByTestId(testIds.patientList)).toBeVisible();
    expect(clinic.calls.some(({ command }) => command === "add_note")).toBe(false);
  });

  it("is asked about by the window's cross, which closes it only then", async () => {
    const { user, clinic } = onPhoto();
    await user.click(await screen.findByTestId(testIds.note));
    await user.type(screen.getByTestId(testIds.noteText), "Itches");
    await waitFor(() => expect(clinic.unsaved).toBe(true));
    clinic.unsaved = false;
    await emit("cross-clicked");
    await stay(user);
    expect(clinic.unsaved, "that it has heard").toBe(true);
    expect(clinic.closed).toBe(false);
    await emit("cross-clicked");
    await leave(user);
    expect(clinic.closed).toBe(true);
  });

  it("holds the window no longer once it is saved", async () => {
    const { user, clinic } = onPhoto();
    await user.click(await screen.findByTestId(testIds.note));
    await user.type(screen.getByTestId(testIds.noteText), "Itches");
    await waitFor(() => expect(clinic.unsaved).toBe(true));
    await user.click(screen.getByTestId(testIds.noteSave));
    await waitFor(() => expect(clinic.unsaved).toBe(false));
  });

  it("is let go at once where nothing was typed, and when it is saved", async () => {
    const { user } = onPhoto();
    await user.click(await screen.findByTestId(testIds.note));
    await user.click(screen.getByTestId(testIds.noteCancel));
    expect(asked()).toBe(false);
    expect(screen.queryByTestId(testIds.noteText)).not.toBeInTheDocument();
    await user.click(screen.getByTestId(testIds.note));
    await user.type(screen.getByTestId(testIds.noteText), "Itches");
    await user.click(screen.getByTestId(testIds.noteSave));
    await user.click(await screen.findByTestId(testIds.noteEdit));
    await user.click(screen.getByTestId(testIds.navPatients));
    expect(await screen.findByTestId(testIds.patientList)).toBeVisible();
    expect(asked()).toBe(false);
  });
});

describe("an outline that is not saved", () => {
  it("is asked about by Escape, by Cancel and by a link, and the keyboard goes on where it was", async () => {
    const { user, clinic } = onPhoto("vi");
    await user.click(await screen.findByTestId(testIds.outlineAdjust));
    await user.keyboard("{ArrowUp}{Escape}");
    expect(await stay(user)).toBe(
      "Đường viền vừa sửa chưa được lưuNếu rời đi bây giờ, phần chưa lưu sẽ mất.Rời đi, không lưuỞ lại",
    );
    expect(screen.getAllByTestId(testIds.outlineHandle)[0]).toHaveFocus();
    await user.click(screen.getByTestId(testIds.outlineCancel));
    await stay(user);
    await user.click(screen.getByTestId(testIds.navSettings));
    await stay(user);
    expect(screen.getByTestId(testIds.outlineBar)).toBeVisible();
    await user.click(screen.getByTestId(testIds.outlineCancel));
    await leave(user);
    expect(screen.queryByTestId(testIds.outlineBar)).not.toBeInTheDocument();
    expect(screen.getByTestId(testIds.outlineAdjust)).toHaveFocus();
    expect(clinic.calls.some(({ command }) => command === "save_outline")).toBe(false);
  });

  it("is let go at once where nothing was changed", async () => {
    const { user } = onPhoto();
    for (const out of ["escape", "cancel"]) {
      await user.click(await screen.findByTestId(testIds.outlineAdjust));
      if (out === "escape") await user.keyboard("{Escape}");
      else await user.click(screen.getByTestId(testIds.outlineCancel));
      expect(asked()).toBe(false);
      expect(screen.queryByTestId(testIds.outlineBar)).not.toBeInTheDocument();
    }
  });
});

describe("a record that is not saved", () => {
  const edit = (language: "vi" | "en" = "en") => {
    const { clinic, patientId, user } = openArranged("/patients", () => undefined, language);
    window.location.hash = `#/patients/${patientId}/edit`;
    return { clinic, patientId, user };
  };

  it("is asked about on every way out, and not once it is saved", async () => {
    const { user, clinic } = edit("vi");
    const address = await screen.findByTestId(testIds.patientAddress);
    await user.type(address, " 7");
    await user.click(screen.getByTestId(testIds.cancelPatient));
    expect(await stay(user)).toMatch(/^Nội dung đã nhập chưa được lưu/);
    await user.click(screen.getByTestId(testIds.navUrgent));
    await stay(user);
    expect(address).toHaveValue(`${hoa.address} 7`);
    await user.click(screen.getByTestId(testIds.savePatient));
    expect(await screen.findByTestId(testIds.bodyMap)).toBeVisible();
    expect(asked()).toBe(false);
    expect(clinic.patients[0]?.address).toBe(`${hoa.address} 7`);
  });

  it("is left for a screen that takes the focus from the question", async () => {
    const { user } = edit();
    await user.type(await screen.findByTestId(testIds.patientAddress), " 7");
    await user.click(screen.getByTestId(testIds.navSettings));
    await leave(user);
    expect(await screen.findByTestId(testIds.checkIntegrity)).toBeVisible();
    await waitFor(() => expect(screen.getByRole("main")).toHaveFocus());
  });

  it("may be left at once where it says what it said before", async () => {
    const { user } = edit();
    const address = await screen.findByTestId(testIds.patientAddress);
    await user.type(address, "7{Backspace}");
    await user.click(screen.getByTestId(testIds.cancelPatient));
    expect(await screen.findByTestId(testIds.bodyMap)).toBeVisible();
    expect(asked()).toBe(false);
  });

  it("stays unsaved while two versions of it are compared", async () => {
    const { user, clinic, patientId } = edit();
    await user.type(await screen.findByTestId(testIds.patientAddress), " 7");
    clinic.answer("edit_patient", { id: patientId, revision: 1, draft: { ...hoa, phone: "0900000000" } });
    await user.click(screen.getByTestId(testIds.savePatient));
    await screen.findByTestId(testIds.conflict);
    await user.click(screen.getByTestId(testIds.navPatients));
    await stay(user);
    await user.click(screen.getByRole("button", { name: "Take what is saved" }));
    expect(screen.getByTestId(testIds.patientAddress)).toHaveValue(hoa.address);
    expect(screen.getByTestId(testIds.patientPhone)).toHaveValue("0900000000");
    await user.click(screen.getByTestId(testIds.navPatients));
    expect(await screen.findByTestId(testIds.patientList)).toBeVisible();
  });

  it("is asked about while a new one is registered, also beside a likely duplicate", async () => {
    const { user, clinic } = openArranged("/patients/new", () => undefined);
    await user.type(await screen.findByTestId(testIds.patientName), hoa.full_name);
    await user.click(screen.getByTestId(testIds.cancelPatient));
    expect(await stay(user)).toMatch(/^What you typed is not saved yet/);
    await user.click(screen.getByTestId(testIds.savePatient));
    await screen.findByTestId(testIds.duplicates);
    await user.click(screen.getByTestId(testIds.navPatients));
    await stay(user);
    await user.click(screen.getByTestId(testIds.registerAnyway));
    expect(await screen.findByTestId(testIds.bodyMap)).toBeVisible();
    expect(asked()).toBe(false);
    expect(clinic.patients).toHaveLength(2);
  });

  it("is left behind by a second press of the same answer as by one", async () => {
    const { user } = renderApp(new DemoClinic(), "/patients/new");
    await user.type(await screen.findByTestId(testIds.patientName), "Trần");
    await user.click(screen.getByTestId(testIds.navSettings));
    await user.dblClick(await screen.findByTestId(testIds.confirmYes));
    expect(await screen.findByTestId(testIds.checkIntegrity)).toBeVisible();
  });
});

describe("a lesion's name that is not saved", () => {
  const naming = async () => {
    const opened = openArranged("/patients/patient-000001", () => undefined);
    await opened.user.click((await screen.findAllByTestId(testIds.lesionRow))[1] as HTMLElement);
    await opened.user.click(await screen.findByTestId(testIds.lesionRename));
    return { ...opened, field: screen.getByTestId(testIds.lesionName) };
  };

  it("is asked about by a link, by Cancel, by another lesion and by a filter that lets it go", async () => {
    const { user, clinic, field } = await naming();
    const label = clinic.lesions[1]?.label;
    await user.type(field, " left");
    await user.click(screen.getByTestId(testIds.navSettings));
    expect(await stay(user)).toMatch(/^The new name is not saved yet/);
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    await stay(user);
    await user.click(screen.getByTestId(testIds.filterRisk("all")));
    await stay(user);
    await user.click(screen.getAllByTestId(testIds.lesionRow)[0] as HTMLElement);
    await stay(user);
    expect(screen.getByTestId(testIds.lesionName)).toHaveValue(`${label ?? ""} left`);
    await user.click(screen.getAllByTestId(testIds.lesionRow)[0] as HTMLElement);
    await leave(user);
    expect(screen.queryByTestId(testIds.lesionName)).not.toBeInTheDocument();
    expect(screen.getAllByTestId(testIds.lesionRow)[0]).toHaveAttribute("aria-pressed", "true");
    expect(clinic.lesions[1]?.label).toBe(label);
    expect(closes()).toBe(true);
  });

  it("is let go at once where it is what it was, and when it is saved", async () => {
    const { user, field } = await naming();
    await user.type(field, "x{Backspace}");
    expect(closes()).toBe(true);
    await user.type(field, " left");
    expect(closes()).toBe(false);
    await user.type(field, "{Enter}");
    await waitFor(() => expect(screen.queryByTestId(testIds.lesionName)).not.toBeInTheDocument());
    expect(closes()).toBe(true);
  });
});

describe("what is typed for photos that are not there yet", () => {
  it.each([testIds.keepNote, testIds.lesionLabel])("is asked about: %s", async (id) => {
    const { user } = openArranged("/patients/patient-000001/new-photo", () => undefined);
    await user.type(await screen.findByTestId(id), " ");
    expect(closes()).toBe(true);
    await user.type(screen.getByTestId(id), "Itches");
    await user.click(screen.getByTestId(testIds.navPatients));
    expect(await stay(user)).toMatch(/^What you typed is not saved yet/);
    await user.clear(screen.getByTestId(id));
    await user.click(screen.getByTestId(testIds.navPatients));
    expect(await screen.findByTestId(testIds.patientList)).toBeVisible();
    expect(asked()).toBe(false);
  });

  it("is asked about beside a photo that was refused too", async () => {
    const { user } = openArranged("/patients/patient-000001/new-photo", () => undefined, "vi");
    await user.type(await screen.findByTestId(testIds.keepNote), "Ngứa");
    fireEvent.paste(document, { clipboardData: { files: [new File(["<html>"], "page.jpg")] } });
    await waitFor(() => expect(screen.getByTestId(testIds.stagedCard)).toHaveAttribute("data-state", "refused"));
    await user.click(screen.getByTestId(testIds.navPatients));
    expect(await stay(user)).toMatch(/^Nội dung đã nhập chưa được lưu/);
  });
});
