import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { testIds } from "../design/testIds";
import type { Person } from "../ipc/bindings";
import { DemoClinic } from "./demoClinic";
import { hoa, withHoa } from "./demoData";
import { renderApp } from "./renderApp";

describe("settings", () => {
  it("changes language and theme and keeps both", async () => {
    const clinic = new DemoClinic();
    const { user } = renderApp(clinic, "/settings", "vi");
    await user.click(await screen.findByTestId(`${testIds.settingsTheme}-dark`));
    await user.click(screen.getByTestId(`${testIds.settingsLanguage}-en`));
    expect(await screen.findByText("Analysis models")).toBeVisible();
    expect(clinic.preferences).toMatchObject({ language: "en", theme: "dark", last_route: "/settings" });
    expect(document.documentElement.style.colorScheme).toBe("dark");
  });

  it("installs a model from a folder, refuses another folder, uses and removes", async () => {
    const clinic = new DemoClinic();
    const { user } = renderApp(clinic, "/settings");
    clinic.picked = "/home/tram/pictures";
    await user.click(await screen.findByTestId(testIds.installModel));
    expect(await screen.findByTestId(testIds.failure)).toHaveAttribute("data-code", "model_invalid");
    clinic.picked = "/media/usb/model";
    await user.click(screen.getByTestId(testIds.installModelZip));
    await waitFor(() => expect(screen.getAllByTestId(testIds.modelCard)).toHaveLength(2));
    await user.click(screen.getByTestId(testIds.useModel));
    await waitFor(() => expect(screen.getAllByTestId(testIds.modelCard)[1]).toHaveAttribute("data-active", "true"));
    await user.click(screen.getAllByTestId(testIds.removeModel)[0] as HTMLElement);
    await user.click(await screen.findByTestId(testIds.confirmYes));
    await waitFor(() => expect(screen.getAllByTestId(testIds.modelCard)).toHaveLength(1));
  });

  it("checks integrity and names what is damaged", async () => {
    const clinic = new DemoClinic();
    withHoa(clinic);
    const { user } = renderApp(clinic, "/settings");
    await user.click(await screen.findByTestId(testIds.checkIntegrity));
    expect(await screen.findByTestId(testIds.checkResult)).toHaveTextContent("Everything is whole: 8 photos");
    clinic.disk.check = {
      ok: false,
      photos: 8,
      bytes: 1,
      damaged: [{ what: "photo", id: "photo-000012", message: "seal broken" }],
    };
    await user.click(screen.getByTestId(testIds.checkIntegrity));
    await waitFor(() => expect(screen.getByTestId(testIds.checkResult)).toHaveTextContent("photo-000012"));
    expect(screen.getByText(/seal broken/)).not.toBeVisible();
    expect(screen.getByRole("link", { name: "Open this photo" })).toHaveAttribute("href", "#/photos/photo-000012");
    expect(screen.getByTestId(testIds.checkResult)).toHaveAttribute("data-ok", "false");
  });

  it("finds a check that runs, and what came of it, when it is opened again, and starts no second one", async () => {
    const clinic = new DemoClinic();
    const patientId = clinic.register(hoa).id;
    clinic.addPhoto(clinic.addLesion(patientId, "back", "left", null), new Date().toISOString(), null);
    const letGo = clinic.hold("check_integrity");
    const { user } = renderApp(clinic, "/settings");
    const elsewhereAndBack = async () => {
      await user.click(screen.getByTestId(testIds.navPatients));
      await screen.findByTestId(testIds.patientList);
      await user.click(screen.getByTestId(testIds.navSettings));
      return screen.findByTestId(testIds.checkIntegrity);
    };
    await user.click(await screen.findByTestId(testIds.checkIntegrity));
    const again = await elsewhereAndBack();
    expect(again).toBeDisabled();
    expect(again).toHaveTextContent("Checking every photo…");
    await user.click(screen.getByTestId(testIds.navPatients));
    letGo();
    await user.click(screen.getByTestId(testIds.navSettings));
    expect(await screen.findByTestId(testIds.checkResult)).toHaveTextContent(
      /^Everything is whole: 1 photo, .*Checked \d\d\/\d\d\/\d{4} \d\d:\d\d\./,
    );
    await elsewhereAndBack();
    expect(screen.getByTestId(testIds.checkResult)).toBeVisible();
    expect(screen.getByTestId(testIds.checkIntegrity)).toBeEnabled();
    expect(clinic.calls.filter(({ command }) => command === "check_integrity")).toHaveLength(1);
  });

  it("frees space after asking, and says how much", async () => {
    const clinic = new DemoClinic();
    clinic.disk.purgeable = { photos: 12, bytes: 48_000_000 };
    const { user } = renderApp(clinic, "/settings");
    expect(await screen.findByText(/12 full-size photos, 48.0 MB, can leave this machine/)).toBeVisible();
    await user.click(screen.getByTestId(testIds.purge));
    await user.click(await screen.findByTestId(testIds.confirmNo));
    expect(clinic.calls.some(({ command }) => command === "purge_originals")).toBe(false);
    await user.selectOptions(screen.getByTestId(testIds.purgeDays), "180");
    await user.click(await screen.findByTestId(testIds.purge));
    await user.dblClick(await screen.findByTestId(testIds.confirmYes));
    await waitFor(() => expect(screen.getByTestId(testIds.purgeResult)).toHaveTextContent("48.0 MB are free again"));
    const purges = clinic.calls.filter(({ command }) => command === "purge_originals");
    expect(purges.map(({ args }) => args)).toEqual([{ keepDays: 180 }]);
    expect(await screen.findByText(/No full-size photo of that age/)).toBeVisible();
    expect(screen.getByTestId(testIds.purge)).toBeDisabled();
  });

  it("lets an administrator set the years, none below the floor, and run it", async () => {
    const clinic = new DemoClinic();
    clinic.signedIn = { ...clinic.people[0], role: "ADMIN" } as Person;
    Object.assign(clinic.disk.retention, { connected: true, floor: { patient: 12, photo: 10 }, held: 1 });
    const { user } = renderApp(clinic, "/settings");
    const patients = await screen.findByTestId(testIds.retentionPatients);
    const offered = within(patients).getAllByRole("option");
    expect(offered.map((option) => (option as HTMLOptionElement).value)).toEqual([
      "",
      "12",
      "15",
      "20",
      "25",
      "30",
      "50",
    ]);
    expect(screen.getByTestId(testIds.retentionApply)).toBeDisabled();
    await user.selectOptions(patients, "15");
    await user.selectOptions(screen.getByTestId(testIds.retentionPhotos), "10");
    Object.assign(clinic.disk.retention, { patients: 2, photos: 7 });
    await user.click(screen.getByTestId(testIds.retentionSave));
    expect(clinic.disk.retention.years).toEqual({ patient: null, photo: null });
    await user.click(await screen.findByTestId(testIds.confirmYes));
    await waitFor(() => expect(clinic.disk.retention.years).toEqual({ patient: 15, photo: 10 }));
    await waitFor(() =>
      expect(screen.getByTestId(testIds.retentionPlan)).toHaveTextContent(/Patients with everything2Photos7/),
    );
    await user.click(screen.getByTestId(testIds.retentionApply));
    await user.click(await screen.findByTestId(testIds.confirmYes));
    expect(await screen.findByText("Deleted: patients 2, photos 7.")).toBeVisible();
  });

  it("shows others how long records are kept, and that nothing goes without a centre", async () => {
    const clinic = new DemoClinic();
    clinic.disk.retention.years = { patient: 20, photo: null };
    clinic.disk.retention.reasons = ["the image store refuses this workstation: HTTP 403"];
    const { user } = renderApp(clinic, "/settings");
    expect(await screen.findByText(/Without one nothing is ever deleted/)).toBeVisible();
    expect(screen.getByText(/Patient records: 20 years/)).toBeVisible();
    expect(screen.queryByTestId(testIds.retentionSave)).toBeNull();
    expect(screen.queryByTestId(testIds.retentionApply)).toBeNull();
    expect(screen.getByText(/HTTP 403/)).not.toBeVisible();
    await user.click(screen.getByText("What the centre said"));
    expect(screen.getByText(/HTTP 403/)).toBeVisible();
  });

  it("makes a new recovery key after the password, and has it typed back", async () => {
    const clinic = new DemoClinic();
    clinic.keyConfirmed = false;
    const { user } = renderApp(clinic, "/settings");
    await user.click(await screen.findByTestId(testIds.renewRecoveryKey));
    const password = screen.getByTestId(testIds.renewPassword);
    await user.type(password, "wrong");
    await user.click(screen.getByTestId(testIds.renewSubmit));
    await waitFor(() => expect(password).toBeInvalid());
    expect(password).toHaveAccessibleDescription(/The password is not right/);
    await user.clear(password);
    await user.type(password, clinic.password);
    await user.click(screen.getByTestId(testIds.renewSubmit));
    const groups = (await screen.findAllByTestId(testIds.recoveryKeyGroup)).map((group) => group.textContent ?? "");
    await user.click(screen.getByTestId(testIds.recoveryKeyWritten));
    await user.type(screen.getByTestId(testIds.recoveryKeyTyped(0)), groups[2] ?? "");
    await user.type(screen.getByTestId(testIds.recoveryKeyTyped(1)), groups[6] ?? "");
    await user.click(screen.getByTestId(testIds.recoveryKeyConfirm));
    expect(await screen.findByText("The recovery key was written down and confirmed.")).toBeVisible();
    expect(clinic.keyConfirmed).toBe(true);
  });
});
