// Written by `cargo xtask codegen` from the shell's commands. Do not edit.

import { invoke as TAURI_INVOKE } from "@tauri-apps/api/core";

export type Result<T, E> = { status: "ok"; data: T } | { status: "error"; error: E };

/* ---- words -------------------------------------------------------------------------------------------- */
export type RiskLevel = "URGENT" | "HIGH" | "MEDIUM" | "LOW" | "UNCERTAIN";
export type LesionClass = "ACK" | "BCC" | "MEL" | "NEV" | "SCC" | "SEK";
export type Role = "PATIENT" | "OFFICIAL" | "DOCTOR" | "ADMIN";
export type Sex = "MALE" | "FEMALE" | "OTHER";
export type BodySite = "face" | "neck" | "chest" | "back" | "arms" | "hands" | "abdomen" | "legs" | "feet" | "genitals" | "other";
export type Side = "left" | "right" | "midline";
export type PhotoKind = "clinical" | "dermoscopic";
export type ConfidenceWord = "HIGH" | "MEDIUM" | "LOW" | "VERY_LOW";

/** Which rule of the risk policy spoke. */
export type RiskRule = "melanoma_threshold" | "top_too_low" | "by_class" | "raised_by_site" | "outside_model";

/** Why something did not work. The UI words each one; the list is closed. */
export type Code =
  // what a person typed
  | "name_missing" | "born_invalid" | "email_invalid" | "email_taken" | "password_too_short" | "text_empty" | "text_too_long"
  // a photo from outside
  | "photo_empty" | "photo_truncated" | "photo_not_an_image" | "photo_heic" | "photo_unsupported" | "photo_too_small"
  | "photo_too_large" | "photo_bomb" | "photo_decoder_failed" | "photo_decoder_timeout" | "file_unreadable"
  | "staging_full" | "staged_gone"
  // keys and storage
  | "key_missing" | "key_wrong" | "keyring_unavailable" | "recovery_key_wrong" | "photo_damaged" | "database_damaged"
  | "database_newer" | "disk_full" | "read_only" | "held_by_another" | "storage_failed"
  // what was asked for
  | "not_found" | "changed_meanwhile" | "not_signed_in" | "sign_in_refused" | "already_set_up"
  // analysis
  | "model_missing" | "model_invalid" | "analysis_failed";

/** `message` is technical English for "details"; `subject` is what the sentence is about (a holder, a size), never patient data. */
export type Failure = { code: Code; message: string; subject: string | null };

/* ---- people and the workstation ------------------------------------------------------------------------ */
export type Person = { id: string; full_name: string; email: string; role: Role };
export type BootState =
  | { state: "needs_setup" }
  | { state: "needs_recovery"; reason: Code }
  | { state: "signed_out"; clinic: string; people: Person[] }
  | { state: "signed_in"; clinic: string; person: Person; recovery_key_confirmed: boolean }
  | { state: "blocked"; failure: Failure };

/** 8 groups of 4 characters; `ask` names the two groups (0-based) to be typed back. */
export type RecoveryKey = { groups: string[]; ask: number[] };
export type NewPerson = { full_name: string; email: string; password: string };

/* ---- patients ------------------------------------------------------------------------------------------ */
/** `born` is "1961-03-12" or "1961". */
export type PatientDraft = {
  full_name: string; born: string | null; sex: Sex | null; phone: string | null; national_id: string | null; address: string | null;
};
export type Patient = PatientDraft & {
  id: string; revision: number; created_at: string; updated_at: string;
};
export type PatientRow = Patient & { photos: number; last_photo_at: string | null; worst_risk: RiskLevel | null };
export type PatientPage = { patients: PatientRow[]; more: boolean };
/** One earlier version of a patient's record: what it said until `replaced_at`, and who changed it. */
export type PatientVersion = { revision: number; draft: PatientDraft; replaced_at: string; replaced_by: string };

export type Lesion = { id: string; patient_id: string; site: BodySite; side: Side; label: string | null; created_at: string };
export type LesionRow = Lesion & { photos: number; last_photo_id: string | null; last_photo_at: string | null; worst_risk: RiskLevel | null };

/* ---- photos -------------------------------------------------------------------------------------------- */
/** A photo that was read and prepared and is not kept yet. Its id becomes the photo's id. */
export type Staged = {
  id: string; file_name: string; width: number; height: number; bytes: number; taken_at: string | null;
  /** the same bytes were kept before: that photo, its patient and when */
  already: { photo_id: string; patient_id: string; kept_at: string } | null;
};
export type KeepRequest = {
  staged_id: string; patient_id: string; site: BodySite; side: Side;
  /** an existing lesion, or a new one with an optional label */
  lesion_id: string | null; lesion_label: string | null; kind: PhotoKind; note: string | null;
};
export type Kept =
  | { state: "kept"; photo_id: string }
  | { state: "already_stored"; photo_id: string; patient_id: string; kept_at: string };

export type ModelCard = { name: string; sha256: string; demo: boolean; labels: string[]; bytes: number; installed_at: string; active: boolean };
export type ClassProbability = { class: LesionClass; probability: number };
export type Analysis =
  | { state: "pending"; id: string; reason: "no_model" | "queued" | "failed" }
  | ({ state: "done" } & AnalysisDone);
export type AnalysisDone = {
  id: string; risk: RiskLevel; rule: RiskRule; top_class: LesionClass;
  /** six, most probable first */
  probabilities: ClassProbability[];
  confidence: number; confidence_word: ConfidenceWord; review: boolean; follow_up_days: number;
  /** the date by which, YYYY-MM-DD */
  follow_up_by: string;
  model_name: string; model_sha256: string; demo: boolean; published_accuracy: number | null;
  policy: string; pipeline: string; made_at: string; duration_ms: number;
};

export type HistoryEntry = {
  photo_id: string; patient_id: string; taken_at: string; kept_at: string; site: BodySite; side: Side; kind: PhotoKind;
  lesion_id: string; lesion_label: string | null; analysis: Analysis; notes: number;
};
export type HistoryFilter = { risks: RiskLevel[]; sites: BodySite[]; lesion_id: string | null; from: string | null; to: string | null };
export type HistoryPage = { entries: HistoryEntry[]; next: string | null };
/** How many entries a patient has for each risk, pending ones apart; drives the filter chips and the timeline's height. */
export type HistoryCounts = { total: number; pending: number; by_risk: { risk: RiskLevel; count: number }[] };

export type PhotoDetail = {
  entry: HistoryEntry; patient: Patient; kept_by: string; camera: string | null; width: number; height: number;
  original_bytes: number; format: string; notes: Note[];
  /** photo before and after this one of the same patient, newest first order */
  newer_id: string | null; older_id: string | null;
};
export type Note = { id: string; text: string; author: string; created_at: string; edited_at: string | null; revision: number; mine: boolean };
export type NoteVersion = { text: string; replaced_at: string };

/* ---- settings ------------------------------------------------------------------------------------------ */
export type StorageSummary = {
  data_dir: string; photos: number; database_bytes: number; photo_bytes: number; model_bytes: number; free_bytes: number | null;
  pending_analyses: number; recovery_key_confirmed: boolean; key_place: "keyring" | "key_file";
};
export type CheckReport = { ok: boolean; photos: number; bytes: number; damaged: { what: "database" | "photo" | "file"; id: string; message: string }[] };
export type Theme = "system" | "light" | "dark";
/** Not clinical: language, theme, the last route (ids only). Empty = not set yet. */
export type Preferences = { language: "vi" | "en" | null; theme: Theme; last_route: string | null };

/** What went stale; the window refetches it. */
export type Changed = { what: ("patients" | "photos" | "analyses" | "notes" | "models" | "workstation")[]; patient_id: string | null };

type R<T> = Promise<Result<T, Failure>>;
/** The wire: `commands.xxx(arg1, arg2)` calls the Rust command `xxx` in snake case. */
export const commands: {
  bootState(): Promise<BootState>;
  /** tries to open again after "blocked" (the other program was closed, the disk has room) */
  bootRetry(): Promise<BootState>;
  setUp(clinic: string, person: NewPerson): R<RecoveryKey>;
  /** a fresh recovery key for Settings; the old one stops working when the new one is confirmed */
  renewRecoveryKey(password: string): R<RecoveryKey>;
  /** the asked groups as typed, same order as `ask` */
  confirmRecoveryKey(typed: string[]): R<null>;
  /** opens with the recovery key and makes a new device key */
  recover(recoveryKey: string): R<null>;
  signIn(email: string, password: string): R<Person>;
  signOut(): R<null>;

  findPatients(text: string): R<PatientPage>;
  recentPatients(): R<PatientPage>;
  patient(id: string): R<Patient>;
  likelyDuplicates(draft: PatientDraft): R<Patient[]>;
  registerPatient(draft: PatientDraft): R<Patient>;
  editPatient(id: string, revision: number, draft: PatientDraft): R<Patient>;
  patientVersions(id: string): R<PatientVersion[]>;
  lesions(patientId: string): R<LesionRow[]>;
  labelLesion(lesionId: string, label: string | null): R<null>;

  /** a path that the dialog or a drop granted */
  stageFile(path: string): R<Staged>;
  discardStaged(stagedId: string): R<null>;
  keepPhoto(request: KeepRequest): R<Kept>;

  history(patientId: string, filter: HistoryFilter, before: string | null, limit: number): R<HistoryPage>;
  historyCounts(patientId: string): R<HistoryCounts>;
  photo(photoId: string): R<PhotoDetail>;
  addNote(analysisId: string, text: string): R<Note>;
  editNote(noteId: string, revision: number, text: string): R<Note>;
  noteVersions(noteId: string): R<NoteVersion[]>;

  models(): R<ModelCard[]>;
  /** a folder picked through the dialog */
  installModel(path: string): R<ModelCard>;
  useModel(sha256: string): R<null>;
  removeModel(sha256: string): R<null>;
  analysePending(): R<number>;

  storageSummary(): R<StorageSummary>;
  checkIntegrity(): R<CheckReport>;
  preferences(): R<Preferences>;
  setPreferences(preferences: Preferences): R<null>;
} = {} as never;
