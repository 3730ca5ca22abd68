import { localDay } from "../../design/format";
import type { HistoryEntry } from "../../ipc/bindings";

export type TimelineRow =
  | { kind: "day"; key: string; at: string; count: number }
  | { kind: "entries"; key: string; entries: HistoryEntry[] };

/** Newest first, a heading for each local day, and as many entries a row as fit beside each other. */
export function timelineRows(entries: HistoryEntry[], columns: number): TimelineRow[] {
  const rows: TimelineRow[] = [];
  let day: string | null = null;
  let heading: Extract<TimelineRow, { kind: "day" }> | null = null;
  let row: HistoryEntry[] = [];
  for (const entry of entries) {
    const entryDay = localDay(entry.taken_at);
    if (entryDay !== day || !heading) {
      day = entryDay;
      heading = { kind: "day", key: `day-${entryDay}-${entry.photo_id}`, at: entry.taken_at, count: 0 };
      rows.push(heading);
      row = [];
    }
    if (row.length === 0 || row.length === columns) {
      row = [];
      rows.push({ kind: "entries", key: entry.photo_id, entries: row });
    }
    row.push(entry);
    heading.count += 1;
  }
  return rows;
}
