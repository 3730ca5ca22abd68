import type {
  CentreSummary,
  Conflict,
  ConflictChoice,
  HistoryEntry,
  ItemState,
  Leftover,
  Overall,
  SyncSettings,
  SyncStatus,
  Trouble,
  UnsentItem,
} from "../ipc/bindings";
import { fail, type Handlers } from "./demoWire";

export const CODE = "seekwell1.bWF1LWtob25nLXBoYWktbWEtdGhhdA";
const LINK: CentreSummary = {
  host: "trung-tam.example",
  port: 5432,
  database: "seekwell",
  bucket: "seekwell-images-mau",
  role: "workstation_tram_mau_1",
};
const SLOWEST = 8;
const HOUR = 3_600_000;

/** A centre in memory. It is not connected until a test, or a code, says so. */
export class DemoCentre {
  link: CentreSummary | null = null;
  status: SyncStatus = {
    overall: "not_connected",
    waiting_records: 0,
    waiting_images: 0,
    refused: 0,
    conflicts: 0,
    parked: 0,
    waiting_since: null,
    delivered_at: null,
    pulled_at: null,
    trouble: null,
  };
  items: UnsentItem[] = [];
  conflicts: Conflict[] = [];
  leftovers: Leftover[] = [];
  settled: { id: string; choice: ConflictChoice }[] = [];
  settings: SyncSettings = { line: "everything", kilobytes_per_second: null };
  /** How far each photo has come; one that is not named is at the centre. */
  deliveries = new Map<string, ItemState>();
  reports: string[] = [];
  tries = 0;

  readonly handlers: Handlers = {
    sync_status: () => ({ ...this.status, conflicts: this.conflicts.length }),
    centre: () => this.link,
    connect_centre: ({ code }) => {
      if (String(code).replace(/\s/g, "") !== CODE) fail("connection_code_invalid");
      this.connect("on_its_way");
      return "Trạm Y tế Mẫu (trung tâm)";
    },
    retry_sync: () => {
      this.tries += 1;
      return null;
    },
    unsent: ({ limit }) => ({
      items: this.items.slice(0, Number(limit)),
      more: Math.max(0, this.items.length - Number(limit)),
    }),
    conflicts: () => this.conflicts,
    settle_conflict: ({ id, choice }) => {
      this.settled.push({ id: String(id), choice: choice as ConflictChoice });
      this.conflicts = this.conflicts.filter((one) => one.id !== id);
      if (this.conflicts.length === 0 && this.status.overall === "needs_you") this.status.overall = "on_its_way";
      return null;
    },
    deliveries: ({ photoIds }) => (photoIds as string[]).map((id) => this.deliveries.get(id) ?? "at_centre"),
    leftovers: () => this.leftovers,
    let_go: ({ record }) => {
      this.leftovers = this.leftovers.filter((one) => one.record !== record);
      return null;
    },
    export_sync_report: ({ path }) => {
      this.reports.push(String(path));
      return null;
    },
    sync_settings: () => this.settings,
    set_sync_settings: ({ settings }) => {
      const wanted = settings as SyncSettings;
      const rate = wanted.kilobytes_per_second;
      if (rate !== null && rate < SLOWEST) fail("rate_too_low", String(SLOWEST));
      this.settings = wanted;
      return null;
    },
  };

  /** Connected, and as far as `overall` says. */
  connect(overall: Overall, change: Partial<SyncStatus> = {}, now = Date.now()): void {
    this.link = LINK;
    const ago = (ms: number) => new Date(now - ms).toISOString();
    const waits: Partial<SyncStatus> = { waiting_records: 12, waiting_images: 5, waiting_since: ago(3 * HOUR) };
    const by: Record<Overall, Partial<SyncStatus>> = {
      not_connected: {},
      at_centre: {},
      on_its_way: waits,
      kept_here: { ...waits, trouble: "offline", pulled_at: ago(3 * HOUR) },
      needs_you: { ...waits, refused: 2 },
      alarm: {
        ...waits,
        trouble: "offline",
        waiting_since: ago(14 * HOUR),
        delivered_at: ago(15 * HOUR),
        pulled_at: ago(15 * HOUR),
      },
    };
    if (overall === "not_connected") this.link = null;
    const contact = { delivered_at: ago(2 * 60_000), pulled_at: ago(20_000) };
    this.status = { ...this.status, ...(this.link && contact), overall, ...by[overall], ...change };
  }

  trouble(trouble: Trouble): void {
    this.connect(trouble === "offline" || trouble === "busy" ? "kept_here" : "needs_you", { trouble });
  }

  /** Two things of each photo wait; among them one that was refused, one that is tried again, and an urgent one. */
  queue(entries: HistoryEntry[], nameOf: (patientId: string) => string, now = Date.now()): void {
    const kept = this.status.trouble === "offline";
    const state: ItemState = kept ? "kept_here" : "on_its_way";
    this.items = entries.flatMap((entry, nth): UnsentItem[] => {
      const item: UnsentItem = {
        kind: "photo",
        part: "derivative",
        record: entry.photo_id,
        patient_id: entry.patient_id,
        patient_name: nameOf(entry.patient_id),
        photo_id: entry.photo_id,
        urgent: nth === 0,
        queued_at: new Date(now - (nth + 1) * 7 * 60_000).toISOString(),
        state,
        tries: 0,
        next_try_at: null,
        reason: null,
      };
      return [item, { ...item, kind: "analysis", part: null, record: entry.analysis.id }];
    });
    const [, second, third, fourth] = this.items;
    if (second) Object.assign(second, { tries: 3, next_try_at: new Date(now + 40_000).toISOString() });
    if (third && this.status.refused > 0)
      Object.assign(third, { state: "needs_you", tries: 1, reason: "check: model.published_accuracy" });
    if (fourth && this.status.refused > 0)
      Object.assign(fourth, { state: "needs_you", tries: 1, reason: "the image store does not accept this: 412" });
    for (const { photo_id, state: itsState } of this.items)
      if (photo_id && this.deliveries.get(photo_id) !== "needs_you") this.deliveries.set(photo_id, itsState);
  }

  disagree(patientId: string, name: string, now = Date.now()): void {
    const of = { record: patientId, patient_id: patientId, patient_name: name, at: new Date(now - HOUR).toISOString() };
    this.conflicts = [
      { ...of, id: "conflict-1", kind: "patient", field: "phone", stands: '"0901234118"', lost: '"0901234119"' },
      { ...of, id: "conflict-2", kind: "patient", field: "born", stands: '"1961-03-12"', lost: "null" },
      {
        ...of,
        id: "conflict-3",
        kind: "note",
        field: "text",
        stands: '"Nốt lớn nhanh ba tháng nay."',
        lost: '"Nốt lớn nhanh ba tháng nay, thỉnh thoảng chảy máu.\\nHẹn khám lại thứ Hai."',
      },
    ];
    if (this.link && this.status.overall === "at_centre") this.status.overall = "needs_you";
  }
}
