import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { testIds } from "../design/testIds";
import { candidates, moreWorrying } from "../features/result/candidates";
import type { LesionClass, Person, PhotoDetail } from "../ipc/bindings";
import { axeProblems } from "./axeProblems";
import { SPACE, secondModel } from "./demoAnalysing";
import { DemoClinic } from "./demoClinic";
import { withHoa } from "./demoData";
import { rawKeys } from "./rawKeys";
import { renderApp } from "./renderApp";

const BENIGN: Record<LesionClass, number> = { ACK: 0.03, BCC: 0.04, MEL: 0.12, NEV: 0.71, SCC: 0.04, SEK: 0.06 };
const WORRYING = { ...BENIGN, MEL: 0.52, NEV: 0.31 };
/** Of the patient of the sketches: urgent, uncertain, pending, …, low. */
const [URGENT, UNCERTAIN, PENDING, LOW] = [0, 1, 2, 4];

function open(nth: number, arrange: (clinic: DemoClinic) => void = () => undefined, language: "vi" | "en" = "en") {
  const clinic = new DemoClinic();
  withHoa(clinic);
  arrange(clinic);
  return { clinic, ...renderApp(clinic, `/photos/${clinic.entries[nth]?.photo_id}`, language) };
}
const entry = (clinic: DemoClinic, nth: number) => clinic.entries[nth] as (typeof clinic.entries)[number];
const withSecondModel = ({ analysing }: DemoClinic) => analysing.models.push(secondModel());
const withSpace = ({ analysing }: DemoClinic) => {
  analysing.settings = { space_url: SPACE, has_token: false, prefer: "device" };
};
const agreed = (clinic: DemoClinic) => {
  for (const patient of clinic.patients)
    patient.cloud_consent = { given: true, at: "2026-11-20T01:00:00.000Z", by: "" };
};
const part = () => screen.findByTestId(testIds.opinions);

describe("further opinions", () => {
  it("stand below the first result, each with what it is worth", async () => {
    const { container } = open(URGENT, (clinic) => {
      withSpace(clinic);
      clinic.analysing.say(entry(clinic, URGENT), BENIGN, { of: { model: secondModel().sha256 }, demo: true });
      clinic.analysing.say(entry(clinic, URGENT), BENIGN, { of: "space" });
    });
    const [model, space] = (await within(await part()).findAllByTestId(testIds.opinion)) as [HTMLElement, HTMLElement];
    expect(model).toHaveTextContent(/Low.*Demo model, not medical.*Naevus 71%.*Confidence: Medium \(0.71\)/);
    expect(model).toHaveTextContent(/SeekWell ViT demo · \d\d\/\d\d\/\d{4}/);
    expect(space).toHaveTextContent(/seekwell\/skin \(phan-tich\.example\) · Online analysis/);
    expect(space).not.toHaveTextContent("Demo");
    expect(screen.getByTestId(testIds.resultRisk)).toHaveAttribute("data-risk", "URGENT");
    expect(screen.getByTestId(testIds.resultRisk).compareDocumentPosition(model)).toBe(4);
    expect(screen.queryByTestId(testIds.opinionWorse)).toBeNull();
    expect(rawKeys(container.textContent ?? "")).toEqual([]);
    expect(await axeProblems(container)).toEqual([]);
  });

  it("say what to do while there is nobody to ask", async () => {
    open(URGENT);
    expect(await within(await part()).findByText(/There is no other model on this machine/)).toBeVisible();
    expect(within(await part()).getByRole("link", { name: "Open Settings" })).toHaveAttribute("href", "#/settings");
  });

  it("are asked for, wait, may be withdrawn, and come", async () => {
    const { clinic, user } = open(URGENT, withSecondModel);
    await user.click(await screen.findByTestId(testIds.opinionAsk));
    const waiting = await screen.findByTestId(testIds.opinion);
    expect(waiting).toHaveAttribute("data-state", "pending");
    await waitFor(() => expect(waiting).toHaveTextContent(/SeekWell ViT v2.*Analysing…/));
    expect(await screen.findByText("Asked. The answer will appear here.")).toBeVisible();
    expect(screen.queryByTestId(testIds.opinionAsk)).toBeNull();
    expect(screen.getByText("Everybody who can be asked about this photo has been asked.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Withdraw the question to SeekWell ViT v2" }));
    await waitFor(() => expect(screen.queryByTestId(testIds.opinion)).toBeNull());
    expect(screen.queryByText("Asked. The answer will appear here.")).not.toBeInTheDocument();
    await user.click(await screen.findByTestId(testIds.opinionAsk));
    await screen.findByTestId(testIds.opinion);
    expect(await screen.findByText("Asked. The answer will appear here.")).toBeVisible();
    clinic.analysing.answer();
    await waitFor(() => expect(screen.getByTestId(testIds.opinion)).toHaveAttribute("data-state", "done"));
    expect(screen.queryByText("Asked. The answer will appear here.")).not.toBeInTheDocument();
    expect(screen.queryByTestId(testIds.opinionWithdraw)).toBeNull();
  });

  it("need the patient's agreement online, and lead to it", async () => {
    const { clinic, user } = open(URGENT, withSpace);
    const missing = await screen.findByTestId(testIds.opinionNoConsent);
    expect(missing).toHaveTextContent("Online analysis needs the patient's agreement");
    expect(screen.getByTestId(testIds.opinionAsk)).toBeDisabled();
    await user.click(within(missing).getByRole("link"));
    const panel = await screen.findByTestId(testIds.consentPanel);
    await waitFor(() => expect(panel).toHaveFocus());
    expect(clinic.calls.some(({ command }) => command === "ask_opinion")).toBe(false);
  });

  it("are asked of whom one chooses", async () => {
    const { clinic, user } = open(URGENT, (one) => {
      withSecondModel(one);
      withSpace(one);
      agreed(one);
    });
    const whom = await screen.findByTestId(testIds.opinionWhom);
    expect(
      within(whom)
        .getAllByRole("option")
        .map(({ textContent }) => textContent),
    ).toEqual(["SeekWell ViT v2", "Online analysis"]);
    await user.selectOptions(whom, "space");
    await user.click(screen.getByTestId(testIds.opinionAsk));
    await waitFor(() => expect(clinic.calls.find(({ command }) => command === "ask_opinion")?.args.of).toBe("space"));
  });

  it("tell when the same was asked already, and show it", async () => {
    const { clinic, user } = open(URGENT, withSecondModel);
    await screen.findByTestId(testIds.opinionAsk);
    clinic.analysing.waits(entry(clinic, URGENT).photo_id, { model: secondModel().sha256 });
    await user.click(screen.getByTestId(testIds.opinionAsk));
    const failure = await screen.findByTestId(testIds.failure);
    expect(failure).toHaveAttribute("data-code", "asked_already");
    expect(failure).toHaveTextContent("The answer is among the further opinions, or will be.");
    expect(await screen.findByTestId(testIds.opinion)).toBeVisible();
  });

  it("are only shown to a patient", async () => {
    open(URGENT, (clinic) => {
      withSecondModel(clinic);
      clinic.analysing.waits(entry(clinic, URGENT).photo_id, "space", "no_consent");
      clinic.signedIn = { ...clinic.people[0], role: "PATIENT" } as Person;
    });
    const opinion = await screen.findByTestId(testIds.opinion);
    expect(opinion).toHaveTextContent("Waiting for the patient's agreement");
    expect(screen.queryByTestId(testIds.opinionWithdraw)).toBeNull();
    expect(screen.queryByTestId(testIds.opinionAsk)).toBeNull();
  });
});

describe("an opinion that is more worrying than the first", () => {
  it.each([
    ["en", "Another opinion is more worrying: Urgent", "Melanoma 52% by"],
    ["vi", "Một ý kiến khác đáng lo hơn: Khẩn cấp", "U hắc tố 52 %, theo"],
  ] as const)("is told right below the verdict, in %s", async (language, plain, what) => {
    const { user } = open(
      LOW,
      (clinic) => clinic.analysing.say(entry(clinic, LOW), WORRYING, { of: "space" }),
      language,
    );
    const worse = await screen.findByTestId(testIds.opinionWorse);
    expect(worse).toHaveTextContent(plain);
    expect(worse).toHaveTextContent(what);
    const verdict = screen.getByTestId(testIds.resultRisk);
    expect(verdict).toHaveAttribute("data-risk", "LOW");
    expect(verdict.nextElementSibling).toBe(worse);
    // It is an urgent case like any other.
    expect(await screen.findByTestId(testIds.acknowledgePart)).toBeVisible();
    await user.click(screen.getByTestId(testIds.opinionsSee));
    expect(await part()).toHaveFocus();
  });

  it("is for somebody to look at where it is to be reviewed, though nothing is urgent", async () => {
    const { clinic, user } = open(LOW, (made) => {
      const said = made.analysing.say(entry(made, LOW), { ...BENIGN, BCC: 0.71, NEV: 0.04 });
      expect(said).toMatchObject({ risk: "HIGH", review: true });
    });
    expect(entry(clinic, LOW).analysis).toMatchObject({ risk: "LOW", review: false });
    const part = await screen.findByTestId(testIds.acknowledgePart);
    expect(part).toHaveAttribute("data-kind", "review");
    await user.click(within(part).getByText("I have looked at it"));
    await user.click(await screen.findByTestId(testIds.confirmYes));
    expect(await within(part).findByTestId(testIds.acknowledged)).toHaveTextContent(/^Looked at by Lê Thị Mai/);
  });

  it("carries the mark of a demo model", async () => {
    open(LOW, (clinic) => {
      const by = { of: { model: secondModel().sha256 }, demo: true } as const;
      clinic.analysing.say(entry(clinic, LOW), WORRYING, by);
    });
    expect(await screen.findByTestId(testIds.opinionWorse)).toHaveTextContent("Demo model, not medical");
  });

  it("is told too while there is no first result", async () => {
    open(PENDING, (clinic) => clinic.analysing.say(entry(clinic, PENDING), WORRYING));
    expect(await screen.findByTestId(testIds.opinionWorse)).toHaveTextContent(
      "This result is not there yet, but another opinion says: Urgent",
    );
  });

  it("is the most worrying of them, as the core orders risks", () => {
    const clinic = new DemoClinic();
    withHoa(clinic);
    const detail = (nth: number) => clinic.answer("photo", { photoId: entry(clinic, nth).photo_id }) as PhotoDetail;
    clinic.analysing.say(entry(clinic, UNCERTAIN), { ...BENIGN, ACK: 0.71, NEV: 0.03 });
    expect(moreWorrying(detail(UNCERTAIN))).toBeNull();
    clinic.analysing.say(entry(clinic, UNCERTAIN), { ...BENIGN, BCC: 0.71, NEV: 0.04 });
    clinic.analysing.say(entry(clinic, UNCERTAIN), WORRYING);
    expect(moreWorrying(detail(UNCERTAIN))?.risk).toBe("URGENT");
    expect(moreWorrying(detail(URGENT))).toBeNull();
  });
});

describe("who can be asked", () => {
  it("is every usable model that has not spoken, and online analysis unless it is being asked", () => {
    const clinic = new DemoClinic();
    withHoa(clinic);
    const { photo_id } = entry(clinic, LOW);
    const detail = () => clinic.answer("photo", { photoId: photo_id }) as PhotoDetail;
    const broken = { ...secondModel(), sha256: "cc".repeat(32), usable: false };
    const models = [...clinic.analysing.models, secondModel(), broken];
    const names = (space: boolean) => candidates(detail(), models, space).map(({ model }) => model?.name ?? "space");
    expect(names(false)).toEqual(["SeekWell ViT v2"]);
    expect(names(true)).toEqual(["SeekWell ViT v2", "space"]);
    clinic.analysing.say(entry(clinic, LOW), BENIGN, { of: "space" });
    expect(names(true)).toContain("space");
    clinic.analysing.waits(photo_id, "space");
    clinic.analysing.say(entry(clinic, LOW), BENIGN);
    expect(names(true)).toEqual([]);
  });
});

describe("the facts of a result", () => {
  it("that came online name no hash, and say that no accuracy was published", async () => {
    open(LOW, (clinic) => {
      const { analysis } = entry(clinic, LOW);
      Object.assign(analysis, { model_sha256: "", model_name: "seekwell/skin", published_accuracy: null });
    });
    expect(await screen.findByText("seekwell/skin · online, 0.12 s")).toBeVisible();
    expect(screen.getByText("no accuracy was published for this model")).toBeVisible();
  });
});
