import { type RenderResult, render } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import { App } from "../app/App";
import "../app/i18n/i18n";
// In memory before a test asks for it, so that no test waits for its file.
import "../app/SignedIn";
import { createQueryClient } from "../app/queryClient";
import { DemoClinic } from "./demoClinic";
import { withHoa } from "./demoData";
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

/** The same on a clinic with one patient and their photos, after `arrange` has made of it what the test is about. */
export function openArranged(address: string, arrange: (clinic: DemoClinic) => void, language: "vi" | "en" = "en") {
  const clinic = new DemoClinic();
  const patientId = withHoa(clinic);
  arrange(clinic);
  return { clinic, patientId, ...renderApp(clinic, address, language) };
}
