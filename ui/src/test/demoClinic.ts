import { emit } from "@tauri-apps/api/event";
import type {
  Analysis,
  BodySite,
  BootState,
  Changed,
  Dermoscopy,
  Failure,
  HistoryEntry,
  HistoryFilter,
  KeepRequest,
  Lesion,
  LesionClass,
  NewPerson,
  Patient,
  PatientDraft,
  PatientRow,
  PatientVersion,
  Person,
  PhotoDetail,
  Preferences,
  RecoveryOffer,
  Side,
  StagedPhoto,
} from "../ipc/bindings";
import { DemoAnalysing } from "./demoAnalysing";
import { DemoDisk } from "./demoDisk";
import { countsOf, everything, historyOf, lesionRow, summary } from "./demoHistory";
import { DemoMeasuring } from "./demoMeasuring";
import { DemoNotes } from "./demoNotes";
import { DemoCentre } from "./demoSync";
import { DemoUrgent } from "./demoUrgent";
import { type Arguments, fail, folded, type Handlers, now } from "./demoWire";
import { dice, madeUpAnalysis, madeUpShares } from "./syntheticAnalyses";

const KEY: RecoveryOffer = { groups: ["7QXM", "K2VD", "94TA", "HWPE", "3FZB", "C8NR", "J6YU", "5GSL"], ask: [2, 6] };
const PASSWORD = "mật khẩu mẫu 2026";

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
  /** What the page says of itself, and whether it closed the window. */
  unsaved = false;
  closed = false;
  preferences: Preferences = { language: null, theme: "system", last_route: null, urgent_sound: null };
  patients: Patient[] = [];
  versions = new Map<string, PatientVersion[]>();
  lesions: Lesion[] = [];
  entries: HistoryEntry[] = [];
  private dermoscopies = new Map<string, Dermoscopy>();
  digests = new Map<string, string>();
  staged = new Map<string, OnTray>();
  /** false: an analysis stays pending until `finishAnalyses`. */
  analysesAtOnce = true;
  /** What the dialog would answer. */
  picked: string[] | string | null = null;
  /** Where the dialog would save. */
  savedTo: string | null = null;
  /** What the centre has, once this clinic is connected to one. */
  centre = new DemoCentre();
  analysing = new DemoAnalysing(this);
  urgent = new DemoUrgent(this);
  disk = new DemoDisk(this);
  notes = new DemoNotes(this);
  measuring = new DemoMeasuring(this);
  /** A command whose next call fails so. */
  fails = new Map<string, Failure>();
  /** Commands that never answer. */
  hangs = new Set<string>();
  private held = new Map<string, Promise<void>>();
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
    const parts = [this, this.analysing, this.urgent, this.disk, this.notes, this.measuring, this.centre];
    const handler = parts.map(({ handlers }) => handlers[command]).find(Boolean);
    if (!handler) throw new Error(`no such command: ${command}`);
    const settle = () => structuredClone(handler(named));
    return this.held.get(command)?.then(settle) ?? settle();
  }

  /** A command does nothing and answers nothing until what this gives is called. */
  hold(command: string): () => void {
    let letGo = () => {};
    this.held.set(command, new Promise((resolve) => (letGo = resolve)));
    return () => {
      this.held.delete(command);
      letGo();
    };
  }

  readonly handlers: Handlers = {
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
    set_unsaved: ({ unsaved }) => {
      this.unsaved = Boolean(unsaved);
      return null;
    },
    close_window: () => {
      this.closed = true;
      return null;
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
    set_cloud_consent: ({ id, given }) => {
      if (this.signedIn?.role === "PATIENT") fail("not_allowed");
      const patient = this.patientOf(id);
      if (patient.cloud_consent?.given === given) return patient;
      this.keepVersion(patient);
      const cloud_consent = { given: given === true, at: now(), by: this.author() };
      Object.assign(patient, { cloud_consent, revision: patient.revision + 1, updated_at: now() });
      for (const { analysis, patient_id } of this.entries)
        if (patient_id === id && analysis.state === "pending" && analysis.reason === "no_consent" && given)
          analysis.reason = "queued";
      this.tell({ what: ["patients", "analyses"], patient_id: patient.id });
      return patient;
    },
    patient_versions: ({ id }) => this.versions.get(String(id)) ?? [],
    lesions: ({ patientId }) =>
      this.lesions.filter((lesion) => lesion.patient_id === patientId).map((lesion) => lesionRow(lesion, this.entries)),
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
      const all = historyOf(this.entries, String(patientId), filter as HistoryFilter);
      const start = before ? Number(before) : 0;
      const next = start + Number(limit);
      return { entries: all.slice(start, next), next: next < all.length ? String(next) : null };
    },
    history_counts: ({ patientId }) => countsOf(this.entries, String(patientId)),
    photo: ({ photoId }) => this.detail(String(photoId)),
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
      cloud_consent: null,
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
      : { state: "pending", id: `${id}-analysis`, reason: this.analysing.models.length > 0 ? "queued" : "no_model" };
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
      findings: [],
    };
    this.entries.push(entry);
    return entry;
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
          this.analysing.models.every((model) => model.demo),
        ),
      };
      finished += 1;
    }
    this.tell({ what: ["analyses", "urgent"], patient_id: null });
    return finished;
  }

  tell(changed: Changed): void {
    // Before the window is there nobody listens.
    emit("changed", changed).catch(() => undefined);
  }

  private keepVersion(patient: Patient): void {
    const { full_name, born, sex, phone, national_id, address, legal_hold, cloud_consent, revision } = patient;
    const before = {
      revision,
      draft: { full_name, born, sex, phone, national_id, address },
      legal_hold,
      cloud_consent,
      replaced_at: now(),
      replaced_by: this.author(),
    };
    this.versions.set(patient.id, [before, ...(this.versions.get(patient.id) ?? [])]);
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
    const id = this.id("staged");
    const quality = this.measuring.judge(name);
    const staged: OnTray = {
      id,
      file_name: name,
      width: 4032,
      height: 3024,
      bytes: 3_612_000,
      taken_at: null,
      quality,
      measured: quality.findings.includes("no_lesion") ? null : this.measuring.measure(id, null, null),
      already: kept ? { photo_id: kept.photo_id, patient_id: kept.patient_id, kept_at: kept.kept_at } : null,
      digest: content,
    };
    this.staged.set(staged.id, staged);
    return staged;
  }

  private keep(request: KeepRequest) {
    const staged = this.staged.get(request.staged_id) ?? fail("staged_gone");
    const before = this.entries.find(({ photo_id }) => photo_id === this.digests.get(staged.digest));
    if (before?.patient_id === request.patient_id) {
      this.staged.delete(staged.id);
      return {
        state: "already_stored",
        photo_id: before.photo_id,
        patient_id: before.patient_id,
        kept_at: before.kept_at,
      };
    }
    const lesion =
      this.lesions.find(({ id }) => id === request.lesion_id) ??
      this.addLesion(request.patient_id, request.site, request.side, request.lesion_label);
    const shares =
      this.analysesAtOnce && this.analysing.models.length > 0 ? madeUpShares(dice(this.entries.length + 3)) : null;
    const entry = this.addPhoto(
      lesion,
      now(),
      shares,
      this.analysing.models.every((model) => model.demo),
    );
    entry.kind = request.kind;
    this.measuring.keep(entry, staged.quality.findings, request.kept_anyway ?? false);
    if (request.dermoscopy) this.dermoscopies.set(entry.photo_id, request.dermoscopy);
    if (request.note) this.notes.add(entry, request.note);
    this.digests.set(staged.digest, entry.photo_id);
    this.staged.delete(staged.id);
    this.tell({ what: ["photos"], patient_id: request.patient_id });
    return { state: "kept", photo_id: entry.photo_id, lesion_id: lesion.id };
  }

  private detail(photoId: string): PhotoDetail {
    const entry = this.entries.find(({ photo_id }) => photo_id === photoId) ?? fail("not_found");
    const all = historyOf(this.entries, entry.patient_id, everything);
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
      dermoscopy: this.dermoscopies.get(photoId) ?? { polarised: null, contact: null },
      notes: this.notes.of(photoId),
      newer_id: all[at - 1]?.photo_id ?? null,
      older_id: all[at + 1]?.photo_id ?? null,
      opinions: this.analysing.opinionsOf(photoId),
      quality: this.measuring.qualities.get(photoId) ?? null,
      measured: this.measuring.of(entry),
      delivery: this.centre.deliveries.get(photoId) ?? "at_centre",
    };
  }

  private row(patient: Patient): PatientRow {
    return { ...patient, ...summary(this.entries.filter((entry) => entry.patient_id === patient.id)) };
  }

  patientOf(id: unknown): Patient {
    return this.patients.find((one) => one.id === id) ?? fail("not_found");
  }

  author(): string {
    return this.signedIn?.full_name ?? "";
  }

  id(kind: string): string {
    this.lastId += 1;
    return `${kind}-${String(this.lastId).padStart(6, "0")}`;
  }
}

function person(id: string, full_name: string, email: string, role: Person["role"]): Person {
  return { id, full_name, email, role };
}
