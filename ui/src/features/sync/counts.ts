import type { SyncStatus } from "../../ipc/bindings";

/** How many things the word for it all is about: those that need somebody, else those that wait. */
export function countOf(status: SyncStatus): number {
  if (status.overall === "needs_you") return status.refused + status.conflicts;
  return status.waiting_records + status.waiting_images;
}
