import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { testIds } from "../design/testIds";
import { openArranged as open } from "./renderApp";

describe("a new screen", () => {
  it("takes the focus when a link led to it, and not when the program starts", async () => {
    const { user } = open("/patients", () => undefined);
    await screen.findByTestId(testIds.patientList);
    const old = screen.getByRole("main");
    expect(old).not.toHaveFocus();
    await user.click(screen.getByTestId(testIds.navSettings));
    await screen.findByTestId(testIds.checkIntegrity);
    const arrived = screen.getByRole("main");
    expect(arrived).not.toBe(old);
    await waitFor(() => expect(arrived).toHaveFocus());
  });

  it("leaves it to the search field, and to a field of its own that takes it", async () => {
    const { user } = open("/settings", () => undefined);
    const search = await screen.findByTestId(testIds.patientSearch);
    await user.type(search, "lan");
    await screen.findByText("Nobody found");
    expect(search).toHaveFocus();
    expect(search).toHaveValue("lan");
    await user.click(screen.getByTestId(testIds.registerPatient));
    expect(await screen.findByTestId(testIds.patientName)).toHaveFocus();
  });
});
