import { useEffect, useRef, useState } from "react";
import type { UrgentCase, UrgentSummary } from "../../ipc/bindings";

/**
 * The open case that came in last, if it came since this was first asked: what was open then is no news. An arrival's number
 * is never used twice, so that an older case which is the newest again is none either.
 */
export function useArrivals(
  summary: UrgentSummary | undefined,
  onArrival: () => void,
): { arrived: UrgentCase | null; dismiss: () => void } {
  const seen = useRef<number | null>(null);
  const [shown, setShown] = useState<number | null>(null);
  const tell = useRef(onArrival);
  tell.current = onArrival;
  const known = summary !== undefined;
  const arrival = summary?.newest?.arrival ?? 0;
  useEffect(() => {
    if (!known) return;
    const before = seen.current;
    seen.current = Math.max(before ?? 0, arrival);
    if (before === null || arrival <= before) return;
    setShown(arrival);
    tell.current();
  }, [known, arrival]);
  const newest = summary?.newest ?? null;
  return { arrived: newest && newest.arrival === shown ? newest : null, dismiss: () => setShown(null) };
}
