import { emit } from "@tauri-apps/api/event";
import type {
  Acknowledgement,
  Analysis,
  BodySite,
  BootState,
  Changed,
  CheckReport,
  Failure,
  HistoryEntry,
  HistoryFilter,
  KeepRequest,
  Lesion,
  LesionClass,
  LesionRow,
  ModelRow,
  NewPerson,
  Note,
  NoteVersion,
  Patient,
  PatientDraft,
  PatientRow,
  PatientVersion,
  Person,
  Preferences,
  Purged,
  RecoveryOffer,
  RetentionPlan,
  RetentionReport,
  RetentionYears,
  RiskLevel,
  Side,
  StagedPhoto,
  UrgentCase,
  UrgentPage,
  WhichUrgent,
  WorstRisk,
} from "../ipc/bindings";
import { DemoCentre } from "./demoSync";
import { dice, madeUpAnalysis, madeUpShares } from "./syntheticAnalyses";

const RISK_ORDER: RiskLevel[] = ["URGENT", "HIGH", "MEDIUM", "UNCERTAIN", "LOW"];
const KEY: RecoveryOffer = { groups: ["7QXM", "K2VD", "94TA", "HWPE", "3FZB", "C8NR", "J6YU", "5GSL"], ask: [2, 6] };
const PASSWORD = "mật khẩu mẫu 2026";

type Arguments = Record<string, unknown>;
type OnTray = StagedPhoto & { digest: string };

/** A clinic in memory that answers the window's commands. Every name in it is invented. */
export class DemoClinic {
  boot: BootState["state"] = "signed_in";
  blockedBy: Failure = { code: "held_by_another", message: "lock held", subject: "seekwell, pid 4711" };
  clinic = "Trạm Y tế Mẫu";
  people: Person[] = [
    person("p1", "Lê Thị Mai (mẫu)", "mai@tram.example", "OFFICIAL"),
    person("p2", "Trần Quốc Bảo (mẫu)", "bao@tram.example", "DOCTOR"),
  ];
  signedIn: Person | undefined = this.people[0];
  password = PASSWORD;
  keyConfirmed = true;
  preferences: Preferences = { language: null, theme: "system", last_route: null, urgent_sound: null };
  patients: Patient[] = [];
  versions = new Map<string, PatientVersion[]>();
  lesions: Lesion[] = [];
  entries: HistoryEntry[] = [];
  notes = new Map<string, (Note & { photo: string })[]>();
  noteVersions = new Map<string, NoteVersion[]>();
  digests = new Map<string, string>();
  staged = new Map<string, OnTray>();
  models: ModelRow[] = [demoModel()];
  /** Originals that could leave this machine. */
  purgeable: Purged = { photos: 0, bytes: 0 };
  retention: RetentionPlan = {
    years: { patient: null, photo: null },
    floor: { patient: 10, photo: 10 },
    connected: false,
    patients: 0,
    photos: 0,
    held: 0,
    unconfirmed: 0,
    under_way: 0,
    reasons: [],
    ran_at: null,
  };
  check: CheckReport = { ok: true, photos: 0, bytes: 0, damaged: [] };
  /** false: an analysis stays pending until `finishAnalyses`. */
  analysesAtOnce = true;
  acknowledgements = new Map<string, Acknowledgement>();
  /** Photos that this machine alone has; of another workstation; whose small picture is not here. */
  undelivered = new Set<string>();
  elsewhere = new Set<string>();
  withoutPicture = new Set<string>();
  /** When each urgent analysis came to be known. */
  private arrivals = new Map<string, number>();
  /** What the dialog would answer. */
  picked: string[] | string | null = null;
  /** Where the dialog would save. */
  savedTo: string | null = null;
  /** What the centre has, once this clinic is connected to one. */
  centre = new DemoCentre();
  /** A command whose next call fails so. */
  fails = new Map<string, Failure>();
  /** Commands that never answer. */
  hangs = new Set<string>();
  calls: { command: string; args: Arguments }[] = [];
  private lastId = 0;

  answer(command: string, args: Arguments | Uint8Array | undefined, headers?: Record<string, string>): unknown {
    const named = args instanceof Uint8Array ? {} : ((args ?? {}) as Arguments);
    this.calls.push({ command, args: named });
    const failure = this.fails.get(command);
    if (failure) {
      this.fails.delete(command);
      throw failure;
    }
    if (this.hangs.has(command)) return new Promise(() => undefined);
    if (command === "plugin:dialog|open") return this.picked;
    if (command === "plugin:dialog|save") return this.savedTo;
    if (command === "stage_bytes")
      return this.stage(
        decodeURIComponent(headers?.["x-file-name"] ?? ""),
        new TextDecoder().decode(args as Uint8Array),
      );
    const handler = this.handlers[command] ?? this.centre.handlers[command];
    if (!handler) throw new Error(`no such command: ${command}`);
    return structuredClone(handler(named));
  }

  private handlers: Record<string, (args: Arguments) => unknown> = {
    boot_state: () => this.bootState(),
    boot_retry: () => {
      if (this.boot === "blocked") this.boot = "signed_out";
      return this.bootState();
    },
    set_up: ({ clinic, person: first }) => {
      const made = first as NewPerson;
      this.clinic = String(clinic);
      this.people = [person("p1", made.full_name, made.email, "ADMIN")];
      this.signedIn = this.people[0];
      this.password = made.password;
      this.boot = "signed_in";
      this.keyConfirmed = false;
      return KEY;
    },
    renew_recovery_key: ({ password }) => {
      if (password !== this.password) fail("sign_in_refused");
      return KEY;
    },
    confirm_recovery_key: ({ typed }) => {
      const right = KEY.ask.map((group) => KEY.groups[group]);
      if (JSON.stringify(typed) !== JSON.stringify(right)) fail("recovery_key_wrong");
      this.keyConfirmed = true;
      return null;
    },
    recover: ({ recoveryKey }) => {
      if (String(recoveryKey).replace(/[^A-Z0-9]/g, "") !== KEY.groups.join("")) fail("recovery_key_wrong");
      this.boot = "signed_out";
      return null;
    },
    sign_in: ({ email, password }) => {
      const found = this.people.find((one) => one.email === email);
      if (!found || password !== this.password) return fail("sign_in_refused");
      this.signedIn = found;
      this.boot = "signed_in";
      return found;
    },
    sign_out: () => {
      this.boot = "signed_out";
      return null;
    },
    find_patients: ({ text }) => {
      const wanted = folded(String(text));
      const found = this.patients.filter((one) =>
        folded([one.full_name, one.phone, one.national_id].join(" ")).includes(wanted),
      );
      return { patients: found.slice(0, 200).map((one) => this.row(one)), more: found.length > 200 };
    },
    recent_patients: () => ({ patients: this.patients.slice(0, 50).map((one) => this.row(one)), more: false }),
    patient: ({ id }) => this.patientOf(id),
    likely_duplicates: ({ draft }) => {
      const { full_name, born, phone, national_id } = draft as PatientDraft;
      const near = (other: string | null) =>
        !born || !other || Math.abs(Number(born.slice(0, 4)) - Number(other.slice(0, 4))) <= 1;
      return this.patients.filter(
        (one) =>
          (folded(one.full_name) === folded(full_name) && near(one.born)) ||
          (phone && phone === one.phone) ||
          (national_id && national_id === one.national_id),
      );
    },
    register_patient: ({ draft }) => this.register(draft as PatientDraft),
    edit_patient: ({ id, revision, draft }) => {
      const patient = this.patientOf(id);
      if (patient.revision !== revision) fail("changed_meanwhile");
      this.keepVersion(patient);
      Object.assign(patient, draft, { revision: patient.revision + 1, updated_at: now() });
      this.tell({ what: ["patients"], patient_id: patient.id });
      return patient;
    },
    set_legal_hold: ({ id, on }) => {
      if (this.signedIn?.role !== "DOCTOR" && this.signedIn?.role !== "ADMIN") fail("not_allowed");
      const patient = this.patientOf(id);
      if (patient.legal_hold === on) return patient;
      this.keepVersion(patient);
      Object.assign(patient, { legal_hold: on, revision: patient.revision + 1, updated_at: now() });
      this.tell({ what: ["patients"], patient_id: patient.id });
      return patient;
    },
    patient_versions: ({ id }) => this.versions.get(String(id)) ?? [],
    lesions: ({ patientId }) => this.lesionRows(String(patientId)),
    label_lesion: ({ lesionId, label }) => {
      const lesion = this.lesions.find(({ id }) => id === lesionId);
      if (lesion) lesion.label = label as string | null;
      return null;
    },
    stage_file: ({ path }) => this.stage(String(path).split("/").pop() ?? "", String(path)),
    discard_staged: ({ stagedId }) => {
      this.staged.delete(String(stagedId));
      return null;
    },
    keep_photo: ({ request }) => this.keep(request as KeepRequest),
    history: ({ patientId, filter, before, limit }) => {
      const all = this.historyOf(String(patientId), filter as HistoryFilter);
      const start = before ? Number(before) : 0;
      const next = start + Number(limit);
      return { entries: all.slice(start, next), next: next < all.length ? String(next) : null };
    },
    history_counts: ({ patientId }) => this.counts(String(patientId)),
    photo: ({ photoId }) => this.detail(String(photoId)),
    add_note: ({ analysisId, text }) => {
      const entry = this.entries.find(({ analysis }) => analysis.id === analysisId) ?? fail("not_found");
      return this.addNote(entry, String(text));
    },
    edit_note: ({ noteId, revision, text }) => {
      const note = [...this.notes.values()].flat().find(({ id }) => id === noteId) ?? fail("not_found");
      if (note.revision !== revision) fail("changed_meanwhile");
      this.noteVersions.set(note.id, [
        { text: note.text, replaced_at: now() },
        ...(this.noteVersions.get(note.id) ?? []),
      ]);
      Object.assign(note, { text, revision: note.revision + 1, edited_at: now() });
      return note;
    },
    note_versions: ({ noteId }) => this.noteVersions.get(String(noteId)) ?? [],
    urgent_cases: ({ which, before, limit }) =>
      this.urgentPage(which as WhichUrgent, Number(before ?? 0), Number(limit)),
    urgent_summary: () => {
      const open = this.urgent().filter(({ acknowledgement }) => !acknowledgement);
      const newest = open.reduce<UrgentCase | null>((a, b) => (a && a.arrival > b.arrival ? a : b), null);
      return { open: open.length, newest };
    },
    urgent_case: ({ photoId }) => this.urgent().find(({ photo_id }) => photo_id === photoId) ?? null,
    acknowledge: ({ analysisId }) => this.acknowledge(String(analysisId)),
    models: () => this.models,
    install_model: ({ path }) => {
      if (!String(path).includes("model")) fail("model_invalid");
      const card = {
        ...demoModel(),
        name: "SeekWell ViT v2",
        demo: false,
        active: false,
        sha256: "b3".repeat(32),
        bytes: 343_000_000,
      };
      this.models.push(card);
      return card;
    },
    use_model: ({ sha256 }) => {
      for (const model of this.models) model.active = model.sha256 === sha256;
      return null;
    },
    remove_model: ({ sha256 }) => {
      this.models = this.models.filter((model) => model.sha256 !== sha256);
      return null;
    },
    analyse_pending: () => this.finishAnalyses(),
    purgeable_originals: () => this.purgeable,
    purge_originals: () => {
      const purged = this.purgeable;
      this.purgeable = { photos: 0, bytes: 0 };
      return purged;
    },
    retention_plan: () => this.retention,
    set_retention_years: ({ years }) => {
      this.retention.years = years as RetentionYears;
      return null;
    },
    apply_retention: () => {
      if (!this.retention.connected) fail("not_connected");
      const { patients, photos, held, unconfirmed } = this.retention;
      const report: RetentionReport = {
        patients,
        photos,
        objects: photos * 3,
        denied: 0,
        held,
        unconfirmed,
        under_way: 0,
        reasons: [],
      };
      Object.assign(this.retention, { patients: 0, photos: 0 });
      return report;
    },
    storage_summary: () => ({
      data_dir: "/home/tram/.local/share/seekwell",
      photos: this.entries.length,
      database_bytes: 18_400_000,
      photo_bytes: this.entries.length * 3_900_000,
      model_bytes: 512_000,
      free_bytes: 214_000_000_000,
      pending_analyses: this.entries.filter(({ analysis }) => analysis.state === "pending").length,
      recovery_key_confirmed: this.keyConfirmed,
      key_place: "keyring",
    }),
    check_integrity: () => ({ ...this.check, photos: this.entries.length, bytes: this.entries.length * 3_900_000 }),
    preferences: () => this.preferences,
    set_preferences: ({ preferences }) => {
      this.preferences = preferences as Preferences;
      return null;
    },
  };

  register(draft: PatientDraft): Patient {
    if (!draft.full_name) fail("name_missing");
    const patient = {
      ...draft,
      id: this.id("patient"),
      revision: 1,
      legal_hold: false,
      created_at: now(),
      updated_at: now(),
    };
    this.patients.unshift(patient);
    this.tell({ what: ["patients"], patient_id: patient.id });
    return patient;
  }

  addLesion(patientId: string, site: BodySite, side: Side, label: string | null): Lesion {
    const lesion = { id: this.id("lesion"), patient_id: patientId, site, side, label, created_at: now() };
    this.lesions.push(lesion);
    return lesion;
  }

  /** Newest first is kept by adding in any order: the history sorts. */
  addPhoto(lesion: Lesion, takenAt: string, shares: Record<LesionClass, number> | null, demo = false): HistoryEntry {
    const id = this.id("photo");
    const analysis: Analysis = shares
      ? { state: "done", ...madeUpAnalysis(`${id}-analysis`, shares, lesion.site, takenAt, demo) }
      : { state: "pending", id: `${id}-analysis`, reason: this.models.length > 0 ? "queued" : "no_model" };
    const entry: HistoryEntry = {
      photo_id: id,
      patient_id: lesion.patient_id,
      taken_at: takenAt,
      kept_at: takenAt,
      site: lesion.site,
      side: lesion.side,
      kind: "clinical",
      lesion_id: lesion.id,
      lesion_label: lesion.label,
      analysis,
      notes: 0,
    };
    this.entries.push(entry);
    return entry;
  }

  addNote(entry: HistoryEntry, text: string): Note {
    const note = {
      id: this.id("note"),
      text,
      author: this.author(),
      created_at: now(),
      edited_at: null,
      revision: 1,
      mine: true,
      photo: entry.photo_id,
    };
    this.notes.set(entry.photo_id, [...(this.notes.get(entry.photo_id) ?? []), note]);
    entry.notes += 1;
    return note;
  }

  finishAnalyses(): number {
    let finished = 0;
    for (const entry of this.entries) {
      if (entry.analysis.state !== "pending") continue;
      const shares = madeUpShares(dice(finished + 7));
      entry.analysis = {
        state: "done",
        ...madeUpAnalysis(
          entry.analysis.id,
          shares,
          entry.site,
          now(),
          this.models.every((model) => model.demo),
        ),
      };
      finished += 1;
    }
    this.tell({ what: ["analyses", "urgent"], patient_id: null });
    return finished;
  }

  /** Somebody at this workstation, or, with a name, at another one. */
  acknowledge(analysisId: string, by?: string): Acknowledgement {
    const found = this.urgent().find(({ analysis_id }) => analysis_id === analysisId) ?? fail("not_urgent");
    if (found.acknowledgement) return found.acknowledgement;
    const made = { by: by ?? this.author(), at: now(), delivered: by !== undefined, others: 0 };
    this.acknowledgements.set(analysisId, made);
    this.tell({ what: ["urgent"], patient_id: found.patient.id });
    return made;
  }

  tell(changed: Changed): void {
    // Before the window is there nobody listens.
    emit("changed", changed).catch(() => undefined);
  }

  private keepVersion(patient: Patient): void {
    const { full_name, born, sex, phone, national_id, address, legal_hold, revision } = patient;
    const before = {
      revision,
      draft: { full_name, born, sex, phone, national_id, address },
      legal_hold,
      replaced_at: now(),
      replaced_by: this.author(),
    };
    this.versions.set(patient.id, [before, ...(this.versions.get(patient.id) ?? [])]);
  }

  private urgent(): UrgentCase[] {
    return this.entries
      .flatMap((entry) => {
        const { analysis } = entry;
        if (analysis.state !== "done" || analysis.risk !== "URGENT") return [];
        const arrival = this.arrivals.get(analysis.id) ?? this.arrivals.size + 1;
        this.arrivals.set(analysis.id, arrival);
        const { id, full_name, born, sex } = this.patientOf(entry.patient_id);
        return [
          {
            analysis_id: analysis.id,
            photo_id: entry.photo_id,
            patient: { id, full_name, born, sex },
            site: entry.site,
            side: entry.side,
            lesion_label: entry.lesion_label,
            made_at: analysis.made_at,
            top_class: analysis.top_class,
            confidence: analysis.confidence,
            demo: analysis.demo,
            thumbnail_here: !this.withoutPicture.has(entry.photo_id),
            delivered: !this.undelivered.has(entry.photo_id),
            elsewhere: this.elsewhere.has(entry.photo_id),
            arrival,
            acknowledgement: this.acknowledgements.get(analysis.id) ?? null,
          },
        ];
      })
      .sort((a, b) => b.made_at.localeCompare(a.made_at));
  }

  private urgentPage(which: WhichUrgent, start: number, limit: number): UrgentPage {
    const all = this.urgent();
    const open = all.filter(({ acknowledgement }) => !acknowledgement);
    const asked = which === "open" ? open : all.filter(({ acknowledgement }) => acknowledgement);
    const next = start + limit;
    return {
      cases: asked.slice(start, next),
      next: next < asked.length ? String(next) : null,
      open: open.length,
    };
  }

  private bootState(): BootState {
    switch (this.boot) {
      case "needs_setup":
        return { state: "needs_setup" };
      case "needs_recovery":
        return { state: "needs_recovery", reason: "key_missing" };
      case "blocked":
        return { state: "blocked", failure: this.blockedBy };
      case "signed_out":
        return { state: "signed_out", clinic: this.clinic, people: this.people };
      case "signed_in":
        return {
          state: "signed_in",
          clinic: this.clinic,
          person: this.signedIn ?? fail("not_signed_in"),
          recovery_key_confirmed: this.keyConfirmed,
        };
    }
  }

  private stage(name: string, content: string): StagedPhoto {
    if (content.length === 0) fail("photo_empty");
    if (/<html/i.test(content) || /tai-lieu/.test(name)) fail("photo_not_an_image");
    if (/\.heic$/i.test(name)) fail("photo_heic");
    const photoId = this.digests.get(content);
    const kept = this.entries.find(({ photo_id }) => photo_id === photoId);
    const staged: OnTray = {
      id: this.id("staged"),
      file_name: name,
      width: 4032,
      height: 3024,
      bytes: 3_612_000,
      taken_at: null,
      already: kept ? { photo_id: kept.photo_id, patient_id: kept.patient_id, kept_at: kept.kept_at } : null,
      digest: content,
    };
    this.staged.set(staged.id, staged);
    return staged;
  }

  private keep(request: KeepRequest) {
    const staged = this.staged.get(request.staged_id) ?? fail("staged_gone");
    const before = this.entries.find(({ photo_id }) => photo_id === this.digests.get(staged.digest));
    if (before)
      return {
        state: "already_stored",
        photo_id: before.photo_id,
        patient_id: before.patient_id,
        kept_at: before.kept_at,
      };
    const lesion =
      this.lesions.find(({ id }) => id === request.lesion_id) ??
      this.addLesion(request.patient_id, request.site, request.side, request.lesion_label);
    const shares = this.analysesAtOnce && this.models.length > 0 ? madeUpShares(dice(this.entries.length + 3)) : null;
    const entry = this.addPhoto(
      lesion,
      now(),
      shares,
      this.models.every((model) => model.demo),
    );
    entry.kind = request.kind;
    if (request.note) this.addNote(entry, request.note);
    this.digests.set(staged.digest, entry.photo_id);
    this.staged.delete(staged.id);
    this.tell({ what: ["photos"], patient_id: request.patient_id });
    return { state: "kept", photo_id: entry.photo_id, lesion_id: lesion.id };
  }

  private detail(photoId: string) {
    const entry = this.entries.find(({ photo_id }) => photo_id === photoId) ?? fail("not_found");
    const all = this.historyOf(entry.patient_id, { risks: [], sites: [], lesion_id: null, from: null, to: null });
    const at = all.indexOf(entry);
    return {
      entry,
      patient: this.patientOf(entry.patient_id),
      kept_by: this.author(),
      camera: "Máy ảnh mẫu X1",
      width: 4032,
      height: 3024,
      original_bytes: 3_612_000,
      format: "JPEG",
      notes: this.notes.get(photoId) ?? [],
      newer_id: all[at - 1]?.photo_id ?? null,
      older_id: all[at + 1]?.photo_id ?? null,
      delivery: this.centre.deliveries.get(photoId) ?? "at_centre",
    };
  }

  private historyOf(patientId: string, filter: HistoryFilter): HistoryEntry[] {
    return this.entries
      .filter(
        (entry) =>
          entry.patient_id === patientId &&
          (filter.risks.length === 0 ||
            (entry.analysis.state === "done" && filter.risks.includes(entry.analysis.risk))) &&
          (filter.sites.length === 0 || filter.sites.includes(entry.site)) &&
          (!filter.lesion_id || entry.lesion_id === filter.lesion_id) &&
          (!filter.from || entry.taken_at >= filter.from) &&
          (!filter.to || entry.taken_at <= filter.to),
      )
      .sort((a, b) => b.taken_at.localeCompare(a.taken_at));
  }

  private counts(patientId: string) {
    const entries = this.entries.filter((entry) => entry.patient_id === patientId);
    const by_risk = RISK_ORDER.map((risk) => ({
      risk,
      count: entries.filter(({ analysis }) => analysis.state === "done" && analysis.risk === risk).length,
    }));
    return {
      total: entries.length,
      pending: entries.filter(({ analysis }) => analysis.state === "pending").length,
      by_risk: by_risk.filter(({ count }) => count > 0),
    };
  }

  private lesionRows(patientId: string): LesionRow[] {
    return this.lesions
      .filter((lesion) => lesion.patient_id === patientId)
      .map((lesion) => {
        const photos = this.entries
          .filter((entry) => entry.lesion_id === lesion.id)
          .sort((a, b) => b.taken_at.localeCompare(a.taken_at));
        return {
          ...lesion,
          photos: photos.length,
          last_photo_id: photos[0]?.photo_id ?? null,
          last_photo_at: photos[0]?.taken_at ?? null,
          worst: worst(photos),
        };
      });
  }

  private row(patient: Patient): PatientRow {
    const photos = this.entries.filter((entry) => entry.patient_id === patient.id);
    const last =
      photos
        .map(({ taken_at }) => taken_at)
        .sort()
        .at(-1) ?? null;
    return { ...patient, photos: photos.length, last_photo_at: last, worst: worst(photos) };
  }

  private patientOf(id: unknown): Patient {
    return this.patients.find((one) => one.id === id) ?? fail("not_found");
  }

  private author(): string {
    return this.signedIn?.full_name ?? "";
  }

  private id(kind: string): string {
    this.lastId += 1;
    return `${kind}-${String(this.lastId).padStart(6, "0")}`;
  }
}

function fail(code: Failure["code"]): never {
  throw { code, message: `demo clinic: ${code}`, subject: null } satisfies Failure;
}

function worst(photos: HistoryEntry[]): WorstRisk | null {
  const done = photos.flatMap(({ analysis }) => (analysis.state === "done" ? [analysis] : []));
  const risk = RISK_ORDER.find((one) => done.some((analysis) => analysis.risk === one));
  return risk ? { risk, demo: done.some((analysis) => analysis.risk === risk && analysis.demo) } : null;
}

function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("đ", "d").trim();
}

function person(id: string, full_name: string, email: string, role: Person["role"]): Person {
  return { id, full_name, email, role };
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

const now = () => new Date().toISOString();
