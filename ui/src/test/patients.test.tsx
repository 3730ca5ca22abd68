import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { testIds } from "../design/testIds";
import { DemoClinic } from "./demoClinic";
import { hoa, withHoa, withManyPatients } from "./demoData";
import { renderApp } from "./renderApp";

const demoShares = { ACK: 0.03, BCC: 0.05, MEL: 0.74, NEV: 0.12, SCC: 0.04, SEK: 0.02 };

describe("patients", () => {
  it("says what to do while there are none", async () => {
    renderApp(new DemoClinic());
    expect(await screen.findByText("No patients yet")).toBeVisible();
  });

  it("marks a risk that a demo model gave, in the list too", async () => {
    const clinic = new DemoClinic();
    withHoa(clinic);
    const other = clinic.register({ ...hoa, full_name: "Trần Thị Mẫu (mẫu)" });
    clinic.addPhoto(clinic.addLesion(other.id, "back", "left", null), new Date().toISOString(), demoShares, true);
    renderApp(clinic);
    const rows = await screen.findAllByTestId(testIds.patientRow);
    expect(rows[0]).toHaveTextContent(/Urgent.*Demo model, not medical/);
    expect(rows[1]).toHaveTextContent("Urgent");
    expect(rows[1]).not.toHaveTextContent("Demo model");
  });

  it("finds as one types, without accents, and keeps the name out of the address", async () => {
    const clinic = new DemoClinic();
    withManyPatients(clinic, 40);
    withHoa(clinic);
    const { user } = renderApp(clinic, "/settings");
    await user.keyboard("{Control>}k{/Control}");
    await user.type(await screen.findByTestId(testIds.patientSearch), "nguyen van hoa (mau");
    await waitFor(() => expect(screen.getAllByTestId(testIds.patientRow)[0]).toHaveTextContent("Nguyễn Văn Hòa (mẫu)"));
    expect(window.location.hash).toBe("#/patients");
    expect(clinic.preferences.last_route).toBe("/patients");
  });

  it("draws only the rows in sight", async () => {
    const clinic = new DemoClinic();
    withManyPatients(clinic, 45);
    renderApp(clinic);
    const rows = await screen.findAllByTestId(testIds.patientRow);
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.length).toBeLessThan(40);
  });

  it("tells that nobody was found, and that reading failed with a way to try again", async () => {
    const clinic = new DemoClinic();
    clinic.fails.set("recent_patients", { code: "storage_failed", message: "disk I/O error", subject: null });
    const { user } = renderApp(clinic);
    const failure = await screen.findByTestId(testIds.failure);
    expect(failure).toHaveAttribute("data-code", "storage_failed");
    await user.click(within(failure).getByTestId(testIds.failureRetry));
    expect(await screen.findByText("No patients yet")).toBeVisible();
    await user.type(screen.getByTestId(testIds.patientSearch), "zzz");
    expect(await screen.findByText("Nobody found")).toBeVisible();
  });

  it("takes a name that was searched for in vain into the form, and no number", async () => {
    const clinic = new DemoClinic();
    withHoa(clinic);
    const { user } = renderApp(clinic, "/patients");
    await user.type(await screen.findByTestId(testIds.patientSearch), "Lý Văn Mới");
    expect(await screen.findByText("Nobody found")).toBeVisible();
    await user.click(screen.getByTestId(testIds.registerPatient));
    expect(await screen.findByTestId(testIds.patientName)).toHaveValue("Lý Văn Mới");
    expect(window.location.hash).toBe("#/patients/new");
    await user.click(screen.getByTestId(testIds.navPatients));
    await user.type(screen.getByTestId(testIds.patientSearch), "0909");
    await user.click(await screen.findByTestId(testIds.registerPatient));
    expect(await screen.findByTestId(testIds.patientName)).toHaveValue("");
  });

  it("registers with the name alone and refuses days that are no days", async () => {
    const clinic = new DemoClinic();
    const { user } = renderApp(clinic, "/patients/new");
    await user.click(await screen.findByTestId(testIds.savePatient));
    expect(screen.getByTestId(testIds.patientName)).toBeInvalid();
    await user.type(screen.getByTestId(testIds.patientName), "  Trần   Thị Lan (mẫu) ");
    await user.type(screen.getByTestId(testIds.patientBorn), "31/02/1961");
    await user.click(screen.getByTestId(testIds.savePatient));
    expect(screen.getByTestId(testIds.patientBorn)).toBeInvalid();
    await user.clear(screen.getByTestId(testIds.patientBorn));
    await user.click(screen.getByTestId(testIds.savePatient));
    expect(await screen.findByTestId(testIds.patientBanner)).toHaveTextContent("Trần Thị Lan (mẫu)");
    expect(clinic.patients).toHaveLength(1);
    expect(clinic.patients[0]?.born).toBeNull();
  });

  it("shows a likely duplicate beside what was typed; one may open it or register anyway", async () => {
    const clinic = new DemoClinic();
    const patientId = withHoa(clinic);
    const { user } = renderApp(clinic, "/patients/new");
    await user.type(await screen.findByTestId(testIds.patientName), "nguyen van hoa (mau)");
    await user.type(screen.getByTestId(testIds.patientBorn), "1962");
    await user.click(screen.getByTestId(testIds.savePatient));
    const duplicates = await screen.findByTestId(testIds.duplicates);
    expect(duplicates).toHaveTextContent("12/03/1961 (differs)");
    expect(duplicates).toHaveTextContent("Nguyễn Văn Hòa (mẫu) (same)");
    expect(clinic.patients).toHaveLength(1);
    await user.click(screen.getByTestId(testIds.registerAnyway));
    await screen.findByTestId(testIds.patientBanner);
    expect(clinic.patients).toHaveLength(2);
    expect(window.location.hash).not.toContain(patientId);
  });

  it("opens the known record instead", async () => {
    const clinic = new DemoClinic();
    const patientId = withHoa(clinic);
    const { user } = renderApp(clinic, "/patients/new");
    await user.type(await screen.findByTestId(testIds.patientName), hoa.full_name);
    await user.click(screen.getByTestId(testIds.savePatient));
    await user.click(await screen.findByTestId(testIds.duplicateOpen));
    await waitFor(() => expect(screen.getByTestId(testIds.patientBanner)).toHaveAttribute("data-patient", patientId));
    expect(clinic.patients).toHaveLength(1);
  });

  it("masks the id and the phone in the banner", async () => {
    const clinic = new DemoClinic();
    const patientId = withHoa(clinic);
    renderApp(clinic, `/patients/${patientId}`, "vi");
    const banner = await screen.findByTestId(testIds.patientBanner);
    expect(banner).toHaveTextContent(/Nam · 12\/03\/1961 \(\d+ tuổi\) · CCCD 0010•••••432 · 090 •••• 118/);
  });

  it("shows both versions when somebody else changed the record, and overwrites nothing unasked", async () => {
    const clinic = new DemoClinic();
    const patientId = withHoa(clinic);
    const { user } = renderApp(clinic, `/patients/${patientId}/edit`);
    const phone = await screen.findByTestId(testIds.patientPhone);
    clinic.answer("edit_patient", { id: patientId, revision: 1, draft: { ...hoa, address: "Nơi khác" } });
    await user.clear(phone);
    await user.type(phone, "0900000000");
    await user.click(screen.getByTestId(testIds.savePatient));
    const conflict = await screen.findByTestId(testIds.conflict);
    expect(conflict).toHaveTextContent("Nơi khác");
    expect(conflict).toHaveTextContent("0900000000");
    expect(clinic.patients[0]?.phone).toBe(hoa.phone);
    await user.click(screen.getByRole("button", { name: "Save mine" }));
    await waitFor(() => expect(clinic.patients[0]?.phone).toBe("0900000000"));
  });

  it("follows a newer record in place while nothing is typed, and not while it is being saved", async () => {
    const clinic = new DemoClinic();
    const patientId = withHoa(clinic);
    const { user } = renderApp(clinic, `/patients/${patientId}/edit`);
    const phone = await screen.findByTestId(testIds.patientPhone);
    const elsewhere = (change: Partial<typeof hoa>) =>
      clinic.handlers.edit_patient?.({
        id: patientId,
        revision: clinic.patients[0]?.revision,
        draft: { ...hoa, ...change },
      });
    await user.click(phone);
    elsewhere({ address: "Nơi khác" });
    await waitFor(() => expect(screen.getByTestId(testIds.patientAddress)).toHaveValue("Nơi khác"));
    expect(phone).toHaveFocus();

    const letGo = clinic.hold("edit_patient");
    await user.click(screen.getByTestId(testIds.savePatient));
    elsewhere({ full_name: "Nguyễn Văn Hoà (mẫu)", address: "Nơi khác" });
    await waitFor(() => expect(screen.getByTestId(testIds.patientBanner)).toHaveTextContent("Nguyễn Văn Hoà (mẫu)"));
    expect(screen.getByTestId(testIds.patientName)).toHaveValue(hoa.full_name);
    letGo();
    await waitFor(() => expect(screen.getByTestId(testIds.patientName)).toHaveValue("Nguyễn Văn Hoà (mẫu)"));

    await user.clear(phone);
    await user.type(phone, "0900000000");
    clinic.handlers.set_cloud_consent?.({ id: patientId, given: true });
    await waitFor(() => expect(screen.getByTestId(testIds.consent)).toBeChecked());
    expect(screen.queryByTestId(testIds.conflict)).not.toBeInTheDocument();
    await user.click(screen.getByTestId(testIds.savePatient));
    expect(await screen.findByTestId(testIds.bodyMap)).toBeVisible();
    expect(clinic.patients[0]).toMatchObject({ phone: "0900000000", address: "Nơi khác" });
  });

  it("holds a patient's records for a doctor, in view of everybody, and keeps what is typed meanwhile", async () => {
    const clinic = new DemoClinic();
    clinic.signedIn = clinic.people[1];
    const patientId = withHoa(clinic);
    const { user } = renderApp(clinic, `/patients/${patientId}/edit`);
    const address = await screen.findByTestId(testIds.patientAddress);
    await user.type(address, " 7");
    expect(screen.queryByTestId(testIds.legalHoldMark)).toBeNull();
    await user.click(screen.getByTestId(testIds.legalHold));
    expect(await screen.findByTestId(testIds.legalHoldMark)).toHaveTextContent("Legal hold");
    expect(screen.getByTestId(testIds.legalHold)).toBeChecked();
    expect(await screen.findByText("A legal hold began.")).toBeVisible();
    await user.click(screen.getByTestId(testIds.savePatient));
    await waitFor(() => expect(clinic.patients[0]).toMatchObject({ address: `${hoa.address} 7`, legal_hold: true }));
    expect(screen.queryByTestId(testIds.conflict)).toBeNull();
  });

  it("shows a hold to who may not change it", async () => {
    const clinic = new DemoClinic();
    const patientId = withHoa(clinic);
    Object.assign(clinic.patients[0] ?? {}, { legal_hold: true });
    renderApp(clinic, `/patients/${patientId}/edit`, "vi");
    expect(await screen.findByTestId(testIds.legalHold)).toBeDisabled();
    expect(screen.getByTestId(testIds.legalHold)).toBeChecked();
    expect(screen.getByText(/Chỉ bác sĩ hoặc quản trị viên/)).toBeVisible();
    expect(screen.getByTestId(testIds.legalHoldMark)).toHaveTextContent("Giữ hồ sơ");
  });
});
