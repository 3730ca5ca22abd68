import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { testIds } from "../design/testIds";
import { DemoClinic } from "./demoClinic";
import { renderApp } from "./renderApp";

async function fillFirstRun(user: ReturnType<typeof renderApp>["user"], password = "a long sentence") {
  await user.type(await screen.findByTestId(testIds.firstRunClinic), "Trạm Y tế Mẫu");
  await user.type(screen.getByTestId(testIds.firstRunName), "Lê Thị Mai (mẫu)");
  await user.type(screen.getByTestId(testIds.firstRunEmail), "mai@tram.example");
  await user.type(screen.getByTestId(testIds.firstRunPassword), password);
  await user.click(screen.getByTestId(testIds.firstRunSubmit));
}

function emptyClinic(): DemoClinic {
  const clinic = new DemoClinic();
  clinic.boot = "needs_setup";
  return clinic;
}

describe("first run", () => {
  it("says what is missing and asks the core for nothing", async () => {
    const clinic = emptyClinic();
    const { user } = renderApp(clinic);
    await user.click(await screen.findByTestId(testIds.firstRunSubmit));
    expect(screen.getAllByRole("alert")).toHaveLength(4);
    expect(clinic.calls.some(({ command }) => command === "set_up")).toBe(false);
  });

  it("refuses a password that is too short", async () => {
    const { user } = renderApp(emptyClinic());
    await fillFirstRun(user, "short");
    expect(screen.getByTestId(testIds.firstRunPassword)).toBeInvalid();
  });

  it("shows the key, refuses groups typed wrongly, shows it again, and opens once they are right", async () => {
    const clinic = emptyClinic();
    const { user } = renderApp(clinic);
    await fillFirstRun(user);
    const groups = (await screen.findAllByTestId(testIds.recoveryKeyGroup)).map((group) => group.textContent ?? "");
    expect(groups).toHaveLength(8);
    await user.click(screen.getByTestId(testIds.recoveryKeyWritten));

    await user.type(screen.getByTestId(testIds.recoveryKeyTyped(0)), "0000");
    await user.type(screen.getByTestId(testIds.recoveryKeyTyped(1)), "0000");
    await user.click(screen.getByTestId(testIds.recoveryKeyConfirm));
    expect(await screen.findByTestId(testIds.failure)).toHaveAttribute("data-code", "recovery_key_wrong");

    await user.click(screen.getByTestId(testIds.recoveryKeyShowAgain));
    expect(screen.getAllByTestId(testIds.recoveryKeyGroup)).toHaveLength(8);
    await user.click(screen.getByTestId(testIds.recoveryKeyWritten));
    await user.type(screen.getByTestId(testIds.recoveryKeyTyped(0)), (groups[2] ?? "").toLowerCase());
    await user.type(screen.getByTestId(testIds.recoveryKeyTyped(1)), groups[6] ?? "");
    await user.click(screen.getByTestId(testIds.recoveryKeyConfirm));
    expect(await screen.findByTestId(testIds.registerPatient)).toBeVisible();
    expect(clinic.keyConfirmed).toBe(true);
  });
});

describe("the other doors", () => {
  it("signs in by choosing oneself, after a wrong password was refused", async () => {
    const clinic = new DemoClinic();
    clinic.boot = "signed_out";
    const { user } = renderApp(clinic, "/patients", "vi");
    await user.click((await screen.findAllByTestId(testIds.signInPerson))[1] as HTMLElement);
    expect(screen.getByTestId(testIds.signInEmail)).toHaveValue("bao@tram.example");
    await user.type(screen.getByTestId(testIds.signInPassword), "không đúng");
    await user.click(screen.getByTestId(testIds.signInSubmit));
    expect(await screen.findByText("E-mail hoặc mật khẩu không đúng. Hãy thử lại.")).toBeVisible();
    expect(screen.getByTestId(testIds.signInPassword)).toHaveValue("");
    expect(screen.getByTestId(testIds.signInPassword)).toHaveFocus();
    expect(screen.queryByTestId(testIds.failureDetails)).not.toBeInTheDocument();
    await user.type(screen.getByTestId(testIds.signInPassword), clinic.password);
    await user.click(screen.getByTestId(testIds.signInSubmit));
    expect(await screen.findByTestId(testIds.patientSearch)).toBeVisible();
  });

  it("names who holds the data, and opens when a retry works", async () => {
    const clinic = new DemoClinic();
    clinic.boot = "blocked";
    const { user } = renderApp(clinic);
    const words = await screen.findByTestId(testIds.blocked);
    expect(words).toHaveTextContent("seekwell, pid 4711");
    await user.click(screen.getByTestId(testIds.blockedRetry));
    expect(await screen.findByTestId(testIds.signIn)).toBeVisible();
  });

  it.each(["held_by_another", "database_damaged", "database_newer", "disk_full", "read_only", "key_wrong"] as const)(
    "has a sentence of its own for %s",
    async (code) => {
      const clinic = new DemoClinic();
      clinic.boot = "blocked";
      clinic.blockedBy = { code, message: "technical words", subject: null };
      renderApp(clinic);
      const words = await screen.findByTestId(testIds.blocked);
      expect(words.textContent?.length).toBeGreaterThan(30);
      expect(words).not.toHaveTextContent("technical words");
    },
  );

  it("takes the recovery key and nothing like it", async () => {
    const clinic = new DemoClinic();
    clinic.boot = "needs_recovery";
    const { user } = renderApp(clinic);
    const input = await screen.findByTestId(testIds.recoveryInput);
    await user.type(input, "wrong");
    await user.click(screen.getByTestId(testIds.recoverySubmit));
    expect(await screen.findByTestId(testIds.failure)).toHaveAttribute("data-code", "recovery_key_wrong");
    await user.clear(input);
    await user.type(input, "7qxm-k2vd-94ta-hwpe-3fzb-c8nr-j6yu-5gsl");
    await user.click(screen.getByTestId(testIds.recoverySubmit));
    expect(await screen.findByTestId(testIds.signIn)).toBeVisible();
  });

  it("signs out, forgets what was read, and comes back to the list for the next person", async () => {
    const clinic = new DemoClinic();
    const { user } = renderApp(clinic, "/settings");
    await user.click(await screen.findByTestId(testIds.personMenu));
    await user.click(await screen.findByTestId(testIds.signOut));
    expect(await screen.findByTestId(testIds.signIn)).toBeVisible();
    await waitFor(() => expect(clinic.preferences.last_route).toBeNull());
    expect(window.location.hash).toBe("#/patients");
  });

  it("tries to sign out again when that failed", async () => {
    const clinic = new DemoClinic();
    clinic.fails.set("sign_out", { code: "storage_failed", message: "disk I/O error", subject: null });
    const { user } = renderApp(clinic, "/sign-out");
    await user.click(await screen.findByTestId(testIds.failureRetry));
    expect(await screen.findByTestId(testIds.signIn)).toBeVisible();
  });

  it("lets a password be looked at", async () => {
    const clinic = new DemoClinic();
    clinic.boot = "signed_out";
    const { user } = renderApp(clinic);
    expect(await screen.findByTestId(testIds.signInPassword)).toHaveAttribute("type", "password");
    await user.click(screen.getByRole("button", { name: "Show password" }));
    expect(screen.getByTestId(testIds.signInPassword)).toHaveAttribute("type", "text");
  });

  it("comes back to the screen on which the window was left", async () => {
    const clinic = new DemoClinic();
    clinic.preferences.last_route = "/settings";
    renderApp(clinic, "");
    expect(await screen.findByTestId(testIds.checkIntegrity)).toBeVisible();
  });

  it("reminds of a recovery key that nobody confirmed", async () => {
    const clinic = new DemoClinic();
    clinic.keyConfirmed = false;
    renderApp(clinic);
    expect(await screen.findByText(/The recovery key is not confirmed/)).toBeVisible();
    expect(screen.getByRole("link", { name: "Make a new one" })).toHaveAttribute("href", "#/settings");
  });
});
