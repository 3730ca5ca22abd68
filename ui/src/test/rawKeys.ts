import en from "../app/i18n/en.json";

const ROOTS = Object.keys(en).join("|");
/** The second word of a key is small or all capitals; where a screen's texts meet, the second begins with one capital. */
const KEY = new RegExp(`(?<![\\w.@/])(?:${ROOTS})\\.(?:[a-z][A-Za-z_]*|[A-Z_]{2,})(?![a-z])`, "g");

/** What looks like the key of a text that was not found: "consent.title" where words should be. */
export function rawKeys(text: string): string[] {
  return text.match(KEY) ?? [];
}
