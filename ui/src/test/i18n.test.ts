import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import en from "../app/i18n/en.json";
import vi from "../app/i18n/vi.json";

type Tree = { [key: string]: string | Tree };
const flat = (tree: Tree, path = ""): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[path + key, value] as [string, string]] : flat(value, `${path}${key}.`),
  );
const english = new Map(flat(en));
const vietnamese = new Map(flat(vi));
const withoutPlural = (key: string) => key.replace(/_(zero|one|other)$/, "");
const placeholders = (text: string) => [...text.matchAll(/\{\{\s*(\w+)/g)].map(([, name]) => name).sort();

const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((path) => /\.tsx?$/.test(path) && !path.startsWith("test") && !path.startsWith("ipc"))
  .map((path) => ({ path, text: readFileSync(join("src", path), "utf8") }));
/** Every text that has the form of a key; `${…}` stands for one part of it. */
const used = sources.flatMap(({ text }) =>
  [...text.matchAll(/["`]([a-z][A-Za-z]*(?:\.(?:[A-Za-z_]+|\$\{[^}]+\}))+)["`]/g)].map(([, key = ""]) =>
    key.replace(/\$\{[^}]+\}/g, "*"),
  ),
);
const fits = (pattern: string, key: string) => {
  const wanted = pattern.split(".");
  const parts = key.split(".");
  return wanted.length === parts.length && wanted.every((part, nth) => part === "*" || part === parts[nth]);
};

describe("both languages", () => {
  it("have the same keys", () => {
    expect([...vietnamese.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it("say something for each key, with the same places to fill", () => {
    for (const [key, text] of english) {
      expect(text.trim(), key).not.toBe("");
      expect(vietnamese.get(key)?.trim(), key).toBeTruthy();
      expect(placeholders(vietnamese.get(key) ?? ""), key).toEqual(placeholders(text));
    }
  });

  it("have every key that a screen uses", () => {
    const missing = [...english.keys()].map(withoutPlural);
    const roots = new Set(Object.keys(en));
    for (const key of used)
      if (roots.has(key.split(".")[0] ?? ""))
        expect(
          missing.some((known) => fits(key, known)),
          key,
        ).toBe(true);
  });

  it("hold no text that no screen shows", () => {
    const unused = [...english.keys()].map(withoutPlural).filter((key) => !used.some((pattern) => fits(pattern, key)));
    expect(unused).toEqual([]);
  });

  it("are apart: sentences differ between them", () => {
    const same = [...english].filter(
      ([key, text]) =>
        text.split(" ").length > 3 && !/^[^a-z]*(\{\{[^}]*\}\}[^a-z]*)+$/i.test(text) && vietnamese.get(key) === text,
    );
    expect(same).toEqual([]);
  });

  it("leave no words in the screens themselves", () => {
    const marked = /[àáâãèéêìíòóôõùúýăđĩũơưạ-ỹ]/i;
    const allowed = new Set(["Tiếng Việt"]);
    for (const { path, text } of sources) {
      for (const [, words = ""] of text.replace(/\/\/.*|\/\*[\s\S]*?\*\//g, "").matchAll(/["`>]([^"`<>{}]+)["`<]/g)) {
        if (marked.test(words))
          expect(
            [...allowed].some((one) => words.includes(one)),
            `${path}: ${words}`,
          ).toBe(true);
      }
    }
  });
});
