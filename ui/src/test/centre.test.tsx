import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { testIds } from "../design/testIds";
import { parseRate } from "../features/sync/rate";
import type { Code } from "../ipc/bindings";
import { CODE } from "./demoSync";
import { openArranged as open } from "./renderApp";

const chip = () => screen.findByTestId(testIds.savedHere);

describe("connecting", () => {
  const FAILURES: [Code, RegExp][] = [
    ["connection_code_invalid", /no connection code/],
    ["centre_unreachable", /can't be reached/],
    ["centre_refuses", /does not let this workstation in/],
    ["not_allowed", /Ask an administrator/],
  ];
  it.each(FAILURES)("says %s beside the field and keeps what was pasted", async (code, words) => {
    const { clinic, user } = open("/settings", () => undefined);
    const field = await screen.findByTestId(testIds.connectCode);
    expect(screen.getByTestId(testIds.connectSubmit)).toBeDisabled();
    await user.click(field);
    await user.paste(CODE);
    clinic.fails.set("connect_centre", { code, message: "demo", subject: null });
    await user.click(screen.getByTestId(testIds.connectSubmit));
    await waitFor(() => expect(field).toBeInvalid());
    expect(field).toHaveAccessibleDescription(words);
    expect(field).toHaveValue(CODE);
    expect(clinic.centre.link).toBeNull();
  });

  it("takes a code with the line breaks of an e-mail, and names the clinic", async () => {
    const { clinic, user } = open("/settings", () => undefined);
    await user.click(await screen.findByTestId(testIds.connectCode));
    await user.paste(`${CODE.slice(0, 20)}\n  ${CODE.slice(20)}\n`);
    await user.click(screen.getByTestId(testIds.connectSubmit));
    await waitFor(() => expect(screen.getByTestId(testIds.connected)).toHaveTextContent("Trạm Y tế Mẫu (trung tâm)"));
    const panel = screen.getByTestId(testIds.centrePanel);
    expect(panel).toHaveTextContent("trung-tam.example:5432");
    expect(panel).toHaveTextContent("seekwell-images-mau");
    expect(screen.queryByTestId(testIds.connectCode)).not.toBeInTheDocument();
    expect(panel.textContent).not.toContain(CODE);
    await waitFor(async () => expect(await chip()).toHaveAttribute("data-state", "on_its_way"));
    expect(clinic.centre.link).not.toBeNull();
  });

  it("is known at once to the panel that deletes nothing without a centre", async () => {
    const { user } = open("/settings", () => undefined);
    expect(await screen.findByText(/Without one nothing is ever deleted/)).toBeVisible();
    await user.click(await screen.findByTestId(testIds.connectCode));
    await user.paste(CODE);
    await user.click(screen.getByTestId(testIds.connectSubmit));
    await waitFor(() => expect(screen.queryByText(/Without one nothing is ever deleted/)).not.toBeInTheDocument());
    expect(screen.getByTestId(testIds.retentionPlan)).toBeVisible();
  });

  it("asks before it connects anew", async () => {
    const { user } = open("/settings", ({ centre }) => centre.connect("at_centre"));
    await user.click(await screen.findByTestId(testIds.connectAnew));
    await user.click(await screen.findByTestId(testIds.confirmNo));
    expect(screen.queryByTestId(testIds.connectCode)).not.toBeInTheDocument();
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    await user.click(screen.getByTestId(testIds.connectAnew));
    await user.click(await screen.findByTestId(testIds.confirmYes));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    await user.click(await screen.findByTestId(testIds.connectCode));
    await user.paste("something else");
    await user.click(screen.getByTestId(testIds.connectSubmit));
    await waitFor(() => expect(screen.getByTestId(testIds.connectCode)).toBeInvalid());
    await user.clear(screen.getByTestId(testIds.connectCode));
    await user.paste(CODE);
    await user.click(screen.getByTestId(testIds.connectSubmit));
    await waitFor(() => expect(screen.getByTestId(testIds.connected)).toHaveTextContent("Trạm Y tế Mẫu"));
    expect(screen.getByTestId(testIds.connectAnew)).toBeVisible();
  });
});

describe("the line to the centre", () => {
  it("keeps a cap and what is sent, and refuses what is no cap", async () => {
    const { clinic, user } = open("/settings", ({ centre }) => centre.connect("at_centre"));
    const cap = await screen.findByTestId(testIds.lineCap);
    const save = screen.getByTestId(testIds.lineSave);
    await user.type(cap, "7");
    await user.click(save);
    expect(cap).toHaveAccessibleDescription(/at least 8 kB/);
    await user.clear(cap);
    await user.type(cap, "fast");
    await user.click(save);
    expect(cap).toHaveAccessibleDescription(/whole number/);
    expect(clinic.calls.filter(({ command }) => command === "set_sync_settings")).toEqual([]);
    await user.clear(cap);
    await user.type(cap, "64");
    await user.click(screen.getByTestId(testIds.line("records_and_urgent")));
    expect(screen.getByText(/routine photos and their results wait/)).toBeVisible();
    await user.click(save);
    await waitFor(() => expect(screen.getByTestId(testIds.lineSaved)).toHaveTextContent("Saved."));
    expect(clinic.centre.settings).toEqual({ line: "records_and_urgent", kilobytes_per_second: 64 });
    await user.clear(cap);
    expect(screen.getByTestId(testIds.lineSaved)).toBeEmptyDOMElement();
    await user.click(save);
    await waitFor(() => expect(clinic.centre.settings.kilobytes_per_second).toBeNull());
  });

  it("says what the core refuses in the field, with the core's number", async () => {
    const { clinic, user } = open("/settings", ({ centre }) => centre.connect("at_centre"));
    const cap = await screen.findByTestId(testIds.lineCap);
    clinic.fails.set("set_sync_settings", { code: "rate_too_low", message: "too low", subject: "16" });
    await user.type(cap, "12");
    await user.click(screen.getByTestId(testIds.lineSave));
    await waitFor(() => expect(cap).toHaveAccessibleDescription(/at least 16 kB/));
  });

  it.each([
    ["", null],
    [" 8 ", 8],
    ["7", "too_low"],
    ["0", "too_low"],
    ["8.5", "no_number"],
    ["-9", "no_number"],
    ["1e3", "no_number"],
    ["9999999", "no_number"],
  ])("reads %j as %j", (typed, rate) => expect(parseRate(typed)).toBe(rate));
});
