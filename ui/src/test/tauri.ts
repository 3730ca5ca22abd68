import { mockIPC, mockWindows } from "@tauri-apps/api/mocks";
import type { DemoClinic } from "./demoClinic";

type Internals = {
  invoke: (command: string, args?: unknown, options?: { headers?: Record<string, string> }) => Promise<unknown>;
  convertFileSrc: (path: string, scheme: string) => string;
};

/** Puts the demo clinic where Tauri would be. `photos` is where the picture addresses begin. */
export function installTauri(clinic: DemoClinic, photos = "photo://localhost/"): void {
  mockWindows("main");
  mockIPC((command, args) => clinic.answer(command, args as Record<string, unknown>), { shouldMockEvents: true });
  const internals = (window as unknown as { __TAURI_INTERNALS__: Internals }).__TAURI_INTERNALS__;
  const { invoke } = internals;
  internals.invoke = async (command, args, options) => {
    // The mock of the library passes no headers on, and raw bytes are known by them.
    if (command !== "stage_bytes") return invoke(command, args, options);
    return clinic.answer(command, args as Uint8Array, options?.headers);
  };
  internals.convertFileSrc = (path) => photos + path;
}
