import type { HistoryEntry, HistoryFilter, Lesion, LesionRow, RiskLevel, WorstRisk } from "../ipc/bindings";

/** As the core orders them. */
const RISK_ORDER: RiskLevel[] = ["URGENT", "HIGH", "UNCERTAIN", "MEDIUM", "LOW"];
export const everything: HistoryFilter = { risks: [], sites: [], lesion_id: null, from: null, to: null };

export function historyOf(entries: HistoryEntry[], patientId: string, filter: HistoryFilter): HistoryEntry[] {
  return entries
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

export function countsOf(all: HistoryEntry[], patientId: string) {
  const entries = all.filter((entry) => entry.patient_id === patientId);
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

export function lesionRow(lesion: Lesion, entries: HistoryEntry[]): LesionRow {
  const photos = entries
    .filter((entry) => entry.lesion_id === lesion.id)
    .sort((a, b) => b.taken_at.localeCompare(a.taken_at));
  return {
    ...lesion,
    photos: photos.length,
    last_photo_id: photos[0]?.photo_id ?? null,
    last_photo_at: photos[0]?.taken_at ?? null,
    worst: worst(photos),
  };
}

/** How many photos, when the last was taken, and the most worrying risk. */
export function summary(photos: HistoryEntry[]) {
  const last = photos
    .map(({ taken_at }) => taken_at)
    .sort()
    .at(-1);
  return { photos: photos.length, last_photo_at: last ?? null, worst: worst(photos) };
}

function worst(photos: HistoryEntry[]): WorstRisk | null {
  const done = photos.flatMap(({ analysis }) => (analysis.state === "done" ? [analysis] : []));
  const risk = RISK_ORDER.find((one) => done.some((analysis) => analysis.risk === one));
  return risk ? { risk, demo: done.some((analysis) => analysis.risk === risk && analysis.demo) } : null;
}
