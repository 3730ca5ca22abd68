import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { testIds } from "../design/testIds";
import { axeProblems } from "./axeProblems";
import { DemoClinic } from "./demoClinic";
import { withHoa, withUrgentCases } from "./demoData";
import { renderApp } from "./renderApp";

const SCREENS: [
  name: string,
  address: (patient: string, photo: string) => string,
  waitFor: string,
  boot: DemoClinic["boot"],
][] = [
  ["first run", () => "", testIds.firstRun, "needs_setup"],
  ["sign-in", () => "", testIds.signIn, "signed_out"],
  ["recovery", () => "", testIds.recovery, "needs_recovery"],
  ["blocked", () => "", testIds.blocked, "blocked"],
  ["patients", () => "/patients", testIds.patientRow, "signed_in"],
  ["register", () => "/patients/new", testIds.patientName, "signed_in"],
  ["edit", (patient) => `/patients/${patient}/edit`, testIds.patientName, "signed_in"],
  ["patient", (patient) => `/patients/${patient}`, testIds.lesionRow, "signed_in"],
  ["new photo", (patient) => `/patients/${patient}/new-photo`, testIds.dropZone, "signed_in"],
  ["result", (_, photo) => `/photos/${photo}`, testIds.resultRisk, "signed_in"],
  ["urgent cases", () => "/urgent", testIds.urgentCase, "signed_in"],
  ["sync", () => "/sync", testIds.syncNotConnected, "signed_in"],
  ["settings", () => "/settings", testIds.modelCard, "signed_in"],
];

describe("axe finds nothing serious on", () => {
  it.each(SCREENS)("%s", async (_name, address, ready, boot) => {
    const clinic = new DemoClinic();
    const patientId = withHoa(clinic);
    withUrgentCases(clinic);
    clinic.boot = boot;
    const { container } = renderApp(clinic, address(patientId, clinic.entries[0]?.photo_id ?? ""), "vi");
    await screen.findAllByTestId(ready);
    expect(await axeProblems(container)).toEqual([]);
  });
});
