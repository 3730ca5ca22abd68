import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import manifest from "./package.json" with { type: "json" };
import { demoPhotos } from "./src/test/demoPhotos.ts";

export default defineConfig({
  plugins: [react(), demoPhotos()],
  define: { __SEEKWELL_VERSION__: JSON.stringify(manifest.version) },
  clearScreen: false,
  server: { port: 1420, strictPort: true, host: "127.0.0.1" },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    // The strict CSP allows no data: address, so nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/test/setup.ts"],
    css: false,
    restoreMocks: true,
    testTimeout: 90_000,
    // Nothing else runs beside the tests; by itself it would leave one core to the person at the machine.
    maxWorkers: "100%",
  },
});
