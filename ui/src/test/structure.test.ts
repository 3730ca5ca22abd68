import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

const files = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((path) => /\.tsx?$/.test(path) && !path.startsWith("test"))
  .map((path) => ({ path, text: readFileSync(join("src", path), "utf8") }));
const layerOf = (path: string) =>
  path.startsWith("features") ? path.split("/").slice(0, 2).join("/") : (path.split("/")[0] ?? "");
const importsOf = ({ path, text }: (typeof files)[number]) =>
  [...text.matchAll(/^import\s+(type\s)?[^;]*?["']([^"']+)["'];/gm)].map(([, type, from = ""]) => ({
    typeOnly: Boolean(type),
    from: from.startsWith(".") ? normalize(join(dirname(path), from)) : from,
  }));

/** design and ipc → features → app. */
const MAY: Record<string, (layer: string, typeOnly: boolean) => boolean> = {
  ipc: (layer) => layer === "ipc",
  design: (layer, typeOnly) => layer === "design" || (layer === "ipc" && typeOnly),
  app: () => true,
  "main.tsx": () => true,
  "globals.d.ts": () => true,
};

describe("the flow of imports", () => {
  it.each(files)("$path imports only what lies before it", (file) => {
    const own = layerOf(file.path);
    const may = MAY[own] ?? ((layer: string) => layer === own || layer === "design" || layer === "ipc");
    for (const { from, typeOnly } of importsOf(file)) {
      if (from.startsWith("@tauri-apps/")) expect(own, from).toBe("ipc");
      const inside = files.some(({ path }) => path.replace(/\.tsx?$/, "") === from || path === from);
      if (inside) expect(may(layerOf(from), typeOnly), `${file.path} → ${from}`).toBe(true);
      expect(from, "nothing of the tests is shipped").not.toMatch(/^test\//);
    }
  });

  it("has no barrels and keeps components short", () => {
    for (const { path, text } of files) {
      expect(path).not.toMatch(/index\.tsx?$/);
      if (path.endsWith(".tsx")) expect(text.split("\n").length, path).toBeLessThanOrEqual(260);
    }
  });

  it("keeps nothing in the webview's own stores, and no picture but through the photo scheme", () => {
    for (const { path, text } of files) {
      expect(text, path).not.toMatch(/localStorage|sessionStorage|indexedDB|createObjectURL|dangerouslySetInnerHTML/);
      expect(text, path).not.toMatch(/["'`](data|blob|https?):/);
    }
  });
});
