import type { CheckReport, Failure, Purged, RetentionPlan, RetentionReport, RetentionYears } from "../ipc/bindings";
import type { DemoClinic } from "./demoClinic";
import { fail, type Handlers } from "./demoWire";

const PHOTO_BYTES = 3_900_000;

/** What lies on the machine: room, checks, what could leave it and what would be deleted. */
export class DemoDisk {
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
  /** Photos whose pictures can't be shown, and why. */
  unseen = new Map<string, Failure["code"]>();

  constructor(private readonly clinic: DemoClinic) {}

  readonly handlers: Handlers = {
    purgeable_originals: () => this.purgeable,
    purge_originals: () => {
      const purged = this.purgeable;
      this.purgeable = { photos: 0, bytes: 0 };
      return purged;
    },
    retention_plan: () => ({ ...this.retention, connected: this.connected() }),
    set_retention_years: ({ years }) => {
      this.retention.years = years as RetentionYears;
      return null;
    },
    apply_retention: () => {
      if (!this.connected()) fail("not_connected");
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
      photos: this.clinic.entries.length,
      database_bytes: 18_400_000,
      photo_bytes: this.clinic.entries.length * PHOTO_BYTES,
      model_bytes: 512_000,
      free_bytes: 214_000_000_000,
      pending_analyses: this.clinic.entries.filter(({ analysis }) => analysis.state === "pending").length,
      recovery_key_confirmed: this.clinic.keyConfirmed,
      key_place: "keyring",
    }),
    check_image: ({ photoId }) => {
      const code = this.unseen.get(String(photoId));
      return code ? fail(code) : null;
    },
    check_integrity: () => ({
      ...this.check,
      photos: this.clinic.entries.length,
      bytes: this.clinic.entries.length * PHOTO_BYTES,
    }),
  };

  private connected(): boolean {
    return this.retention.connected || this.clinic.centre.link !== null;
  }
}
