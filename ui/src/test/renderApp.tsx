import { type RenderResult, render } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import { App } from "../app/App";
import "../app/i18n/i18n";
// In memory before a test asks for it, so that no test waits for its file.
import "../app/SignedIn";
import { createQueryClient } from "../app/queryClient";
import type { DemoClinic } from "./demoClinic";
import { installTauri } from "./tauri";

/** The whole program at one address, on a clinic in memory. */
export function renderApp(
  clinic: DemoClinic,
  address = "/patients",
  language: "vi" | "en" = "en",
): RenderResult & { user: UserEvent } {
  clinic.preferences.language ??= language;
  installTauri(clinic);
  window.location.hash = `#${address}`;
  const user = userEvent.setup({ delay: null });
  return { user, ...render(<App client={createQueryClient()} />) };
}
