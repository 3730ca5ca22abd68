import type { Acknowledgement, UrgentCase, UrgentPage, WhichUrgent } from "../ipc/bindings";
import type { DemoClinic } from "./demoClinic";
import { fail, type Handlers, now } from "./demoWire";

/** The clinic's urgent cases and those for review, and who takes care of them. */
export class DemoUrgent {
  acknowledgements = new Map<string, Acknowledgement>();
  /** Photos that this machine alone has; of another workstation; whose small picture is not here. */
  undelivered = new Set<string>();
  elsewhere = new Set<string>();
  withoutPicture = new Set<string>();
  /** When each urgent analysis came to be known. */
  private arrivals = new Map<string, number>();

  constructor(private readonly clinic: DemoClinic) {}

  readonly handlers: Handlers = {
    urgent_cases: ({ which, before, limit }) => this.page(which as WhichUrgent, Number(before ?? 0), Number(limit)),
    urgent_summary: () => {
      const open = this.asked("open");
      const newest = open.reduce<UrgentCase | null>((a, b) => (a && a.arrival > b.arrival ? a : b), null);
      return { open: open.length, newest, review: this.asked("review").length };
    },
    urgent_case: ({ photoId }) => this.cases().find(({ photo_id }) => photo_id === photoId) ?? null,
    acknowledge: ({ analysisId }) => this.acknowledge(String(analysisId)),
  };

  /** Somebody at this workstation, or, with a name, at another one. */
  acknowledge(analysisId: string, by?: string): Acknowledgement {
    const found = this.cases().find(({ analysis_id }) => analysis_id === analysisId) ?? fail("not_urgent");
    if (found.acknowledgement) return found.acknowledgement;
    const made = { by: by ?? this.clinic.author(), at: now(), delivered: by !== undefined, others: 0 };
    this.acknowledgements.set(analysisId, made);
    this.clinic.tell({ what: ["urgent"], patient_id: found.patient.id });
    return made;
  }

  private cases(): UrgentCase[] {
    return this.clinic.entries
      .flatMap((entry) => {
        // Of a photo's urgent analyses the last; where there is none, of those that a doctor is to look at.
        const all = [entry.analysis, ...this.clinic.analysing.opinionsOf(entry.photo_id).map((one) => one.analysis)];
        const analysis =
          all.findLast((one) => one.state === "done" && one.risk === "URGENT") ??
          all.findLast((one) => one.state === "done" && one.review);
        if (analysis?.state !== "done") return [];
        const arrival = this.arrivals.get(analysis.id) ?? this.arrivals.size + 1;
        this.arrivals.set(analysis.id, arrival);
        const { id, full_name, born, sex } = this.clinic.patientOf(entry.patient_id);
        return [
          {
            analysis_id: analysis.id,
            risk: analysis.risk,
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

  private page(which: WhichUrgent, start: number, limit: number): UrgentPage {
    const asked = this.asked(which);
    const next = start + limit;
    return {
      cases: asked.slice(start, next),
      next: next < asked.length ? String(next) : null,
      open: this.asked("open").length,
    };
  }

  private asked(which: WhichUrgent): UrgentCase[] {
    return this.cases().filter(({ acknowledgement, risk }) =>
      which === "acknowledged" ? acknowledgement : !acknowledgement && (risk === "URGENT") === (which === "open"),
    );
  }
}
