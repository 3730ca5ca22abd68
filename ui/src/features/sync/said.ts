import type { Overall, SyncStatus } from "../../ipc/bindings";

/** What the window says of it all: the core's word, or something closer where that word stands for two things. */
export type Said = Overall | "held_back" | "asking_for_news" | "incomplete";

export function saidOf({ overall, trouble, waiting_records, waiting_images, parked }: SyncStatus): Said {
  // The centre can be reached: the setting of the line lets nothing more through.
  if (overall === "kept_here" && !trouble) return "held_back";
  if (overall === "on_its_way" && waiting_records + waiting_images === 0)
    return parked > 0 ? "incomplete" : "asking_for_news";
  return overall;
}

/** How many things that is about: those that need somebody, else those that wait. */
export function countOf(status: SyncStatus): number {
  if (status.overall === "needs_you") return status.refused + status.conflicts;
  return status.waiting_records + status.waiting_images;
}
