import type {
  Analysis,
  AnalysisChange,
  AnalysisDone,
  AnalysisSettings,
  Asked,
  FurtherOpinion,
  HistoryEntry,
  LesionClass,
  ModelRow,
  PendingReason,
  Reanalysis,
} from "../ipc/bindings";
import type { DemoClinic } from "./demoClinic";
import { fail, type Handlers, now } from "./demoWire";
import { dice, madeUpAnalysis, madeUpShares } from "./syntheticAnalyses";

export const SPACE = "https://phan-tich.example/";

/** Who analyses in the demo clinic, what waits for them, and what others say besides. */
export class DemoAnalysing {
  models: ModelRow[] = [demoModel()];
  settings: AnalysisSettings = { space_url: null, has_token: false, prefer: "device" };
  /** The token that is kept. The window never sees it. */
  token: string | null = null;
  again: Reanalysis = { possible: 0, waiting: 0, done: 0 };
  /** Whose screen was shown, in order. */
  looked: (string | null)[] = [];
  private opinions = new Map<string, FurtherOpinion[]>();

  constructor(private readonly clinic: DemoClinic) {}

  readonly handlers: Handlers = {
    models: () => this.models,
    install_model: ({ path }) => {
      if (!String(path).includes("model")) fail("model_invalid");
      const card = secondModel();
      this.models.push(card);
      return card;
    },
    use_model: ({ sha256 }) => {
      for (const model of this.models) model.active = model.sha256 === sha256;
      const others = this.clinic.entries.filter(({ analysis }) => analysis.state === "done");
      this.again = { possible: others.length, waiting: 0, done: 0 };
      return null;
    },
    remove_model: ({ sha256 }) => {
      this.models = this.models.filter((model) => model.sha256 !== sha256);
      return null;
    },
    analyse_pending: () => this.clinic.finishAnalyses(),
    look_at: ({ patientId }) => {
      this.looked.push(patientId as string | null);
      return null;
    },
    analysis_settings: () => this.settings,
    set_analysis_settings: ({ change }) => this.set(change as AnalysisChange),
    ask_opinion: ({ photoId, of }) => this.ask(String(photoId), of as Asked),
    withdraw_opinion: ({ analysisId }) => {
      for (const [photo, all] of this.opinions)
        this.opinions.set(
          photo,
          all.filter(({ analysis }) => analysis.id !== analysisId || analysis.state === "done"),
        );
      return null;
    },
    reanalysis: () => this.again,
    reanalyse: () => {
      const { possible, waiting, done } = this.again;
      this.again = { possible: 0, waiting: waiting + possible, done };
      return possible;
    },
    cancel_reanalysis: () => {
      const { possible, waiting, done } = this.again;
      this.again = { possible: possible + waiting, waiting: 0, done };
      return waiting;
    },
  };

  opinionsOf(photoId: string): FurtherOpinion[] {
    return this.opinions.get(photoId) ?? [];
  }

  /** Somebody else's opinion of a photo, as if asked for and given. */
  say(
    { photo_id, site }: HistoryEntry,
    shares: Record<LesionClass, number>,
    by: { of: Asked; demo?: boolean } = { of: { model: secondModel().sha256 } },
  ): AnalysisDone {
    const said = madeUpAnalysis(this.nextId(photo_id), shares, site, now(), by.demo ?? false);
    Object.assign(
      said,
      by.of === "space"
        ? { model_name: "seekwell/skin (phan-tich.example)", model_sha256: "", published_accuracy: null }
        : { model_sha256: by.of.model },
    );
    this.add(photo_id, { state: "done", ...said }, by.of);
    return said;
  }

  /** A question that nobody has answered. */
  waits(photoId: string, of: Asked, reason: PendingReason = "queued"): string {
    const id = this.nextId(photoId);
    this.add(photoId, { state: "pending", id, reason }, of);
    return id;
  }

  /** `shares` of photos that wait to be analysed again are done. */
  advance(photos: number): void {
    const { possible, waiting, done } = this.again;
    const now = Math.min(photos, waiting);
    this.again = { possible, waiting: waiting - now, done: done + now };
    this.clinic.tell({ what: ["analyses"], patient_id: null });
  }

  /** Answers what waits among the further opinions. */
  answer(): void {
    for (const [photo, all] of this.opinions)
      for (const opinion of all) {
        const { analysis, asked_of } = opinion;
        const entry = this.clinic.entries.find(({ photo_id }) => photo_id === photo);
        if (analysis.state === "done" || !entry || !asked_of) continue;
        const before = this.opinions.get(photo) ?? [];
        this.opinions.set(
          photo,
          before.filter((one) => one !== opinion),
        );
        this.say(entry, madeUpShares(dice(before.length + 40)), { of: asked_of });
      }
    this.clinic.tell({ what: ["analyses"], patient_id: null });
  }

  private set({ space_url, token, prefer }: AnalysisChange): null {
    if (this.clinic.signedIn?.role !== "ADMIN") fail("not_allowed");
    const typed = space_url?.trim() || null;
    if (typed && !/^https:\/\/[^\s@/]+(\/|$)/.test(typed)) fail("space_address_invalid");
    const url = typed && !typed.endsWith("/") ? `${typed}/` : typed;
    if (token && /\s/.test(token)) fail("space_token_invalid");
    const kept = token === null ? (url === this.settings.space_url ? this.token : null) : token || null;
    this.token = url ? kept : null;
    this.settings = { space_url: url, has_token: this.token !== null, prefer };
    this.clinic.tell({ what: ["models", "analyses"], patient_id: null });
    return null;
  }

  private ask(photoId: string, of: Asked): string {
    const entry = this.clinic.entries.find(({ photo_id }) => photo_id === photoId) ?? fail("not_found");
    if (of === "space") {
      if (!this.settings.space_url) fail("no_space");
      if (!this.clinic.patientOf(entry.patient_id).cloud_consent?.given) fail("no_consent");
    }
    const waits = (one: FurtherOpinion) => one.analysis.state === "pending" || of !== "space";
    const same = (one: FurtherOpinion) => JSON.stringify(one.asked_of) === JSON.stringify(of);
    if (this.opinionsOf(photoId).some((one) => same(one) && waits(one))) fail("asked_already");
    return this.waits(photoId, of);
  }

  private add(photoId: string, analysis: Analysis, asked_of: Asked): void {
    const all = this.opinions.get(photoId) ?? [];
    this.opinions.set(photoId, [...all, { analysis, asked_of, requested_at: now() }]);
  }

  private nextId(photoId: string): string {
    return `${photoId}-opinion-${crypto.randomUUID()}`;
  }
}

function demoModel(): ModelRow {
  return {
    name: "SeekWell ViT demo",
    sha256: "a91c5e0f4b7d2c8861f3e2a9905b7cd4418e6f20b3a7c9d8e1f4052736b98d07",
    demo: true,
    usable: true,
    labels: ["ACK", "BCC", "MEL", "NEV", "SCC", "SEK"],
    bytes: 512_000,
    installed_at: "2026-11-02T03:00:00.000Z",
    active: true,
  };
}

/** What a folder with a model in it holds. */
export function secondModel(): ModelRow {
  return {
    ...demoModel(),
    name: "SeekWell ViT v2",
    demo: false,
    active: false,
    sha256: "b3".repeat(32),
    bytes: 343_000_000,
  };
}
