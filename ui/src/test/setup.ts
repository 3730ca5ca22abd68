import "@testing-library/jest-dom/vitest";
import { clearMocks } from "@tauri-apps/api/mocks";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";

configure({ reactStrictMode: true, asyncUtilTimeout: 15_000 });

// jsdom lays nothing out: lists that draw only what is in sight need a window that has a size.
Object.defineProperties(HTMLElement.prototype, {
  offsetWidth: { configurable: true, get: () => 1000 },
  offsetHeight: {
    configurable: true,
    get(this: HTMLElement) {
      return this.dataset.index === undefined ? 800 : 60;
    },
  },
  clientWidth: { configurable: true, get: () => 1000 },
  clientHeight: { configurable: true, get: () => 800 },
});
vi.stubGlobal(
  "ResizeObserver",
  class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
);
Element.prototype.scrollTo = () => undefined;

afterEach(() => {
  cleanup();
  // Each program that was rendered leaves its styles, and jsdom reads them all whenever it computes one.
  for (const style of document.querySelectorAll("style[data-emotion]")) style.remove();
  clearMocks();
  window.location.hash = "";
});
