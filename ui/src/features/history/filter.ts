import { SITES } from "../../design/bodySites";
import type { BodySite, HistoryFilter, RiskLevel } from "../../ipc/bindings";

export const RISKS: RiskLevel[] = ["URGENT", "HIGH", "MEDIUM", "LOW", "UNCERTAIN"];

/** The filter as it stands in the address: days are local, "2026-11-22", both included. */
export type ShownFilter = {
  risks: RiskLevel[];
  site: BodySite | null;
  lesion: string | null;
  from: string | null;
  to: string | null;
};

export function readFilter(params: URLSearchParams): ShownFilter {
  const site = params.get("site");
  return {
    risks: RISKS.filter((risk) => params.getAll("risk").includes(risk)),
    site: SITES.find((known) => known === site) ?? null,
    lesion: params.get("lesion"),
    from: params.get("from"),
    to: params.get("to"),
  };
}

export function writeFilter(filter: ShownFilter): URLSearchParams {
  const params = new URLSearchParams();
  for (const risk of filter.risks) params.append("risk", risk);
  if (filter.site) params.set("site", filter.site);
  if (filter.lesion) params.set("lesion", filter.lesion);
  if (filter.from) params.set("from", filter.from);
  if (filter.to) params.set("to", filter.to);
  return params;
}

/** Local days become the instants at which they begin and end here. */
export function toHistoryFilter(filter: ShownFilter): HistoryFilter {
  return {
    risks: filter.risks,
    sites: filter.site ? [filter.site] : [],
    lesion_id: filter.lesion,
    from: filter.from ? instant(`${filter.from}T00:00:00.000`) : null,
    to: filter.to ? instant(`${filter.to}T23:59:59.999`) : null,
  };
}

export function isFiltered(filter: ShownFilter): boolean {
  return filter.risks.length > 0 || Boolean(filter.site || filter.lesion || filter.from || filter.to);
}

function instant(local: string): string | null {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}
