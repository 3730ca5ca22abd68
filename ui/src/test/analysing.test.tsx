import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { testIds } from "../design/testIds";
import type { Person, Role } from "../ipc/bindings";
import { axeProblems } from "./axeProblems";
import { SPACE, secondModel } from "./demoAnalysing";
import { DemoClinic } from "./demoClinic";
import { withHoa } from "./demoData";
import { rawKeys } from "./rawKeys";
import { renderApp } from "./renderApp";

function open(role: Role, arrange: (clinic: DemoClinic) => void = () => undefined, language: "vi" | "en" = "en") {
  const clinic = new DemoClinic();
  clinic.signedIn = { ...clinic.people[0], role } as Person;
  arrange(clinic);
  return { clinic, ...renderApp(clinic, "/settings", language) };
}
const withSpace = ({ analysing }: DemoClinic) => {
  analysing.settings = { space_url: SPACE, has_token: true, prefer: "device" };
  analysing.token = "hf_kept";
};
const sent = (clinic: DemoClinic) =>
  clinic.calls.filter(({ command }) => command === "set_analysis_settings").map(({ args }) => args.change);

describe("who analyses", () => {
  it("is set by an administrator, who is told that it is saved", async () => {
    const { clinic, user } = open("ADMIN");
    await user.type(await screen.findByTestId(testIds.spaceAddress), " https://phan-tich.example ");
    await user.type(screen.getByTestId(testIds.spaceToken), "hf_secret");
    await user.click(screen.getByTestId(testIds.spacePrefer("space")));
    expect(screen.getByText(/The model on this machine is asked where online analysis can't be reached/)).toBeVisible();
    await user.click(screen.getByTestId(testIds.spaceSave));
    expect(await screen.findByText(/^Saved\./)).toBeVisible();
    expect(clinic.analysing.settings).toEqual({ space_url: SPACE, has_token: true, prefer: "space" });
    expect(clinic.analysing.token).toBe("hf_secret");
    // The core writes the address its way; the token is not seen again.
    await waitFor(() => expect(screen.getByTestId(testIds.spaceAddress)).toHaveValue(SPACE));
    expect(screen.getByTestId(testIds.spaceToken)).toHaveValue("");
    expect(screen.getByTestId(testIds.spaceToken)).toHaveAccessibleDescription(/One is kept and never shown/);
  });

  it("keeps the token while it is left empty, and removes it when asked to", async () => {
    const { clinic, user } = open("ADMIN", withSpace);
    await user.click(await screen.findByTestId(testIds.spaceSave));
    expect(await screen.findByText(/^Saved\./)).toBeVisible();
    expect(clinic.analysing.token).toBe("hf_kept");
    await user.click(screen.getByTestId(testIds.spaceTokenRemove));
    expect(screen.queryByText(/^Saved\./)).toBeNull();
    expect(screen.getByTestId(testIds.spaceToken)).toHaveAccessibleDescription(/removed when you save/);
    await user.click(screen.getByTestId(testIds.spaceSave));
    await waitFor(() => expect(clinic.analysing.settings.has_token).toBe(false));
    expect(sent(clinic)).toEqual([
      { space_url: SPACE, token: null, prefer: "device" },
      { space_url: SPACE, token: "", prefer: "device" },
    ]);
    await waitFor(() => expect(screen.queryByTestId(testIds.spaceTokenRemove)).toBeNull());
  });

  it("says that a kept token does not go to another address", async () => {
    const { user } = open("ADMIN", withSpace);
    await user.type(await screen.findByTestId(testIds.spaceAddress), "khac");
    expect(screen.getByTestId(testIds.spaceToken)).toHaveAccessibleDescription(/belongs to the other address/);
  });

  it("is set to nobody online by an empty address", async () => {
    const { clinic, user } = open("ADMIN", withSpace);
    await user.clear(await screen.findByTestId(testIds.spaceAddress));
    await user.click(screen.getByTestId(testIds.spaceSave));
    await waitFor(() => expect(clinic.analysing.settings.space_url).toBeNull());
    expect(clinic.analysing.token).toBeNull();
  });

  it("names the field that is wrong", async () => {
    const { clinic, user } = open("ADMIN");
    const address = await screen.findByTestId(testIds.spaceAddress);
    await user.type(address, "http://phan-tich.example");
    await user.click(screen.getByTestId(testIds.spaceSave));
    await waitFor(() => expect(address).toBeInvalid());
    expect(address).toHaveAccessibleDescription(/must begin with https/);
    await user.clear(address);
    expect(address).toBeValid();
    await user.type(address, SPACE);
    await user.type(screen.getByTestId(testIds.spaceToken), "two words");
    await user.click(screen.getByTestId(testIds.spaceSave));
    await waitFor(() => expect(screen.getByTestId(testIds.spaceToken)).toBeInvalid());
    expect(address).toBeValid();
    expect(clinic.analysing.settings.space_url).toBeNull();
    expect(within(screen.getByTestId(testIds.spacePanel)).queryByTestId(testIds.failure)).toBeNull();
  });

  it("says so when it could not be read or saved", async () => {
    const { clinic, user } = open("ADMIN", ({ fails }) =>
      fails.set("analysis_settings", { code: "storage_failed", message: "disk I/O error", subject: null }),
    );
    const panel = await screen.findByTestId(testIds.spacePanel);
    await user.click(await within(panel).findByTestId(testIds.failureRetry));
    clinic.fails.set("set_analysis_settings", { code: "disk_full", message: "ENOSPC", subject: null });
    await user.click(await screen.findByTestId(testIds.spaceSave));
    expect(await within(panel).findByTestId(testIds.failure)).toHaveAttribute("data-code", "disk_full");
  });

  it("is only shown to others", async () => {
    const { container } = open("OFFICIAL", withSpace, "vi");
    const panel = await screen.findByTestId(testIds.spacePanel);
    await within(panel).findByText(SPACE);
    expect(panel).toHaveTextContent(/Mã truy cậpđang giữHỏi trướcMáy này/);
    expect(panel).toHaveTextContent("Chỉ quản trị viên mới đổi được mục này.");
    expect(panel).toHaveTextContent(/Không ảnh nào rời máy khi người bệnh chưa đồng ý.*https/);
    expect(screen.queryByTestId(testIds.spaceSave)).toBeNull();
    expect(rawKeys(container.textContent ?? "")).toEqual([]);
  });

  it("has nothing that a screen reader stumbles over", async () => {
    const { container } = open("ADMIN", (clinic) => {
      withSpace(clinic);
      clinic.analysing.again = { possible: 0, waiting: 3, done: 4 };
    });
    await screen.findByTestId(testIds.spaceSave);
    await screen.findByTestId(testIds.reanalysis);
    expect(rawKeys(container.textContent ?? "")).toEqual([]);
    expect(await axeProblems(container)).toEqual([]);
  });
});

describe("the models", () => {
  it("come from a .zip too", async () => {
    const { clinic, user } = open("OFFICIAL");
    clinic.picked = "/media/usb/model.zip";
    await user.click(await screen.findByTestId(testIds.installModelZip));
    await waitFor(() => expect(screen.getAllByTestId(testIds.modelCard)).toHaveLength(2));
  });

  it("that are damaged say so, can't be used, and stop nothing", async () => {
    open("OFFICIAL", ({ analysing }) => {
      const broken = { usable: false, labels: [], bytes: 0, installed_at: "", active: false };
      analysing.models.push({ ...secondModel(), ...broken, name: "config.json has no labels" });
    });
    const card = (await screen.findAllByTestId(testIds.modelCard))[1] as HTMLElement;
    expect(card).toHaveTextContent(/Damaged model.*Damaged.*Remove it and install it again/);
    expect(within(card).getByText("config.json has no labels")).not.toBeVisible();
    expect(within(card).queryByTestId(testIds.useModel)).toBeNull();
    expect(within(card).getByTestId(testIds.removeModel)).toBeEnabled();
  });

  it("look again at what others analysed, with progress, and stop when told to", async () => {
    const { clinic, user } = open("OFFICIAL", (one) => {
      withHoa(one);
      one.analysing.models.push(secondModel());
    });
    await user.click(await screen.findByTestId(testIds.useModel));
    const start = await screen.findByRole("button", { name: "Analyse 7 photos again with SeekWell ViT v2" });
    await waitFor(() => expect(start).toBeEnabled());
    expect(screen.getByTestId(testIds.reanalysis)).toHaveTextContent("Earlier results stay as they are");
    await user.click(start);
    const bar = await screen.findByRole("progressbar", { name: "SeekWell ViT v2 analyses photos again: 0 of 7 done" });
    expect(bar).toHaveAttribute("aria-valuenow", "0");
    clinic.analysing.advance(3);
    await waitFor(() => expect(screen.getByRole("progressbar")).toHaveAccessibleName(/3 of 7 done/));
    await user.click(screen.getByTestId(testIds.reanalysisCancel));
    const dialog = await screen.findByRole("dialog", { name: "Stop analysing again?" });
    expect(dialog).toHaveTextContent("What SeekWell ViT v2 has said until now stays.");
    await user.click(within(dialog).getByTestId(testIds.confirmYes));
    expect(await screen.findByText("Stopped. 4 photos were not analysed again.")).toBeVisible();
    expect(clinic.analysing.again).toEqual({ possible: 4, waiting: 0, done: 3 });
    await waitFor(() => expect(screen.getByTestId(testIds.reanalyse)).toBeEnabled());
    await user.click(screen.getByTestId(testIds.reanalyse));
    await screen.findByRole("progressbar");
    clinic.analysing.advance(4);
    expect(await screen.findByText("Done: SeekWell ViT v2 has looked at all of them.")).toBeVisible();
    expect(screen.queryByRole("progressbar")).toBeNull();
  });

  it("offer nothing where nothing is to be looked at again, nor to a patient", async () => {
    open("PATIENT", ({ analysing }) => {
      analysing.again = { possible: 5, waiting: 0, done: 0 };
    });
    await screen.findByTestId(testIds.modelCard);
    expect(screen.queryByTestId(testIds.reanalysis)).toBeNull();
  });

  it("ask again how far they are while any photo waits", async () => {
    const { clinic } = open("OFFICIAL", ({ analysing }) => {
      analysing.again = { possible: 0, waiting: 2, done: 0 };
    });
    await screen.findByRole("progressbar");
    clinic.analysing.again = { possible: 0, waiting: 1, done: 1 };
    await waitFor(() => expect(screen.getByRole("progressbar")).toHaveAttribute("aria-valuenow", "50"));
  });
});

describe("whose screen is shown", () => {
  it("is told to the core: the patient's, their photo's, and nobody's", async () => {
    const clinic = new DemoClinic();
    const patientId = withHoa(clinic);
    const { user } = renderApp(clinic, `/patients/${patientId}`);
    await screen.findAllByTestId(testIds.historyEntry);
    const last = () => clinic.analysing.looked.at(-1);
    await waitFor(() => expect(last()).toBe(patientId));
    const before = clinic.analysing.looked.length;
    await user.click(screen.getAllByTestId(testIds.historyEntry)[1] as HTMLElement);
    await screen.findByTestId(testIds.resultRisk);
    // The same patient: nothing new to tell, and nobody's in between.
    expect(clinic.analysing.looked).toHaveLength(before);
    await user.click(screen.getByTestId(testIds.navSettings));
    await screen.findByTestId(testIds.spacePanel);
    await waitFor(() => expect(last()).toBeNull());
    window.location.hash = `#/photos/${clinic.entries[0]?.photo_id}`;
    await screen.findByTestId(testIds.resultRisk);
    await waitFor(() => expect(last()).toBe(patientId));
  });

  it("shows no error where it could not be told", async () => {
    const clinic = new DemoClinic();
    const patientId = withHoa(clinic);
    clinic.fails.set("look_at", { code: "storage_failed", message: "gone", subject: null });
    renderApp(clinic, `/patients/${patientId}`);
    await screen.findAllByTestId(testIds.historyEntry);
    await waitFor(() => expect(clinic.calls.some(({ command }) => command === "look_at")).toBe(true));
    expect(screen.queryByTestId(testIds.failure)).toBeNull();
  });
});
