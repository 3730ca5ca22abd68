import en from "../app/i18n/en.json";

const TEXTS: Record<string, object> = en;

/** What is the beginning of a text's key: "consent.title" where words should be. */
export function rawKeys(text: string): string[] {
  return [...text.matchAll(/(?<![\w.@/])([a-z][A-Za-z]*)\.([A-Za-z_]+)/g)]
    .filter(([, root = "", next = ""]) =>
      Object.keys(TEXTS[root] ?? {}).some((key) => key.replace(/_(zero|one|other)$/, "") === next),
    )
    .map(([found]) => found);
}
