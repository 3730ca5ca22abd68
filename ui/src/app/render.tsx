import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import "./fonts";
import "./i18n/i18n";
import { createQueryClient } from "./queryClient";

export function render(root: HTMLElement): void {
  createRoot(root).render(
    <StrictMode>
      <App client={createQueryClient()} />
    </StrictMode>,
  );
}
