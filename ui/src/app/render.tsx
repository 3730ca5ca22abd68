import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import "./fonts";
import "./i18n/i18n";
import { ask } from "../ipc/queries";
import { createQueryClient } from "./queryClient";

export function render(root: HTMLElement): void {
  const client = createQueryClient();
  // Both answers are on their way while the first picture is made; asked for in turn they would cost two round trips.
  void client.prefetchQuery(ask.preferences);
  void client.prefetchQuery(ask.boot);
  createRoot(root).render(
    <StrictMode>
      <App client={client} />
    </StrictMode>,
  );
}
