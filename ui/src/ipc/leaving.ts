import { commands, events } from "./bindings";
import { endListening } from "./listening";

/** While it is watched, the window's cross asks instead of closing. Returns the function that ends that. */
export function watchCross(asked: () => void): () => void {
  const hold = (unsaved: boolean) => void commands.setUnsaved(unsaved).catch(() => undefined);
  const listening = events.crossClicked.listen(() => {
    // The shell closes a window whose page does not say that it has heard.
    hold(true);
    asked();
  });
  listening.then(() => hold(true)).catch(() => undefined);
  return () => {
    listening.then(() => hold(false)).catch(() => undefined);
    endListening(listening);
  };
}

export const closeWindow = () => void commands.closeWindow().catch(() => undefined);
