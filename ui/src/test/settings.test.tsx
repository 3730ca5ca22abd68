import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { testIds } from "../design/testIds";
import { DemoClinic } from "./demoClinic";
import { withHoa } from "./demoData";
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
    await user.click(screen.getByTestId(testIds.installModel));
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
    clinic.check = {
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
