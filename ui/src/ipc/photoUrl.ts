import { convertFileSrc } from "@tauri-apps/api/core";
import type { Rendition } from "./bindings";

/** What the photo scheme serves: an original as it came is exported, not shown. */
export type Shown = Exclude<Rendition, "original">;

/** Address of a kept photo's picture. `full` is the original at its own pixels. */
export function photoUrl(photoId: string, rendition: Shown): string {
  return `${root()}${encodeURIComponent(photoId)}/${rendition}`;
}

/** Address of a photo that was read and is not kept yet. */
export function stagedUrl(stagedId: string, rendition: "thumbnail" | "derivative"): string {
  return `${root()}staged/${encodeURIComponent(stagedId)}/${rendition}`;
}

// The scheme's root differs by platform (photo://localhost/ or http://photo.localhost/); a path given to
// convertFileSrc would come back with its slashes escaped.
function root(): string {
  return convertFileSrc("", "photo");
}
