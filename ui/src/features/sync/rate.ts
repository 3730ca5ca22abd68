/** Images that trickle more slowly would never arrive; the core refuses less too. In kB (1,000 bytes) per second. */
export const slowestRate = 8;
const FASTEST = 1_000_000;

/** A cap as typed: a whole number of kB per second, null for none, and why it is neither. */
export function parseRate(typed: string): number | null | "no_number" | "too_low" {
  const text = typed.trim();
  if (text === "") return null;
  if (!/^\d{1,9}$/.test(text)) return "no_number";
  const rate = Number(text);
  if (rate < slowestRate) return "too_low";
  return rate > FASTEST ? "no_number" : rate;
}
