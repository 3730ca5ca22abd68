/** A day typed the local way ("12/03/1961", "12-3-1961", "12.3.1961") or as "1961-03-12"; null for days that are no days. */
export function parseDay(typed: string): string | null {
  const text = typed.trim();
  const local = /^(\d{1,2})[/.\-\s](\d{1,2})[/.\-\s](\d{4})$/.exec(text);
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  const [day, month, year] = local ? local.slice(1).map(Number) : iso ? iso.slice(1).map(Number).reverse() : [];
  if (day === undefined || month === undefined || year === undefined || year < 1000) return null;
  const at = new Date(year, month - 1, day);
  if (at.getFullYear() !== year || at.getMonth() !== month - 1 || at.getDate() !== day) return null;
  return `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}
