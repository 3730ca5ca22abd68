import { invoke } from "@tauri-apps/api/core";
import { getCurrentWebview } from "@tauri-apps/api/webview";
import { open } from "@tauri-apps/plugin-dialog";
import type { StagedPhoto } from "./bindings";
import { commands } from "./bindings";
import { asSeekWellError, unwrap } from "./failure";
import { endListening } from "./listening";

/** Where a photo comes from: a path that the dialog or a drop granted, or bytes that were pasted. */
export type PhotoSource = { name: string; path: string } | { name: string; file: File };

const EXTENSIONS = ["jpg", "jpeg", "jfif", "png", "webp", "tif", "tiff", "bmp"];

export async function stagePhoto(source: PhotoSource): Promise<StagedPhoto> {
  if ("path" in source) return unwrap(commands.stageFile(source.path));
  try {
    const bytes = new Uint8Array(await source.file.arrayBuffer());
    return await invoke<StagedPhoto>("stage_bytes", bytes, {
      headers: { "x-file-name": encodeURIComponent(source.name) },
    });
  } catch (thrown) {
    throw asSeekWellError(thrown);
  }
}

/** Opens the system's dialog; empty when the person closed it. `label` names the kind of file in it. */
export async function pickPhotos(label: string, everything: string): Promise<PhotoSource[]> {
  const picked = await open({
    multiple: true,
    filters: [
      { name: label, extensions: [...EXTENSIONS, ...EXTENSIONS.map((extension) => extension.toUpperCase())] },
      { name: everything, extensions: ["*"] },
    ],
  });
  return (picked ?? []).map(fromPath);
}

export async function pickFolder(): Promise<string | null> {
  return open({ directory: true });
}

/** One file by its ending; null when the person closed the dialog. */
export async function pickZip(label: string): Promise<string | null> {
  return open({ filters: [{ name: label, extensions: ["zip", "ZIP"] }] });
}

export type DropMoment = { kind: "over" } | { kind: "left" } | { kind: "dropped"; photos: PhotoSource[] };

/** Files dragged over the window. Returns the function that stops listening. */
export function onFilesDragged(tell: (moment: DropMoment) => void): () => void {
  const listening = getCurrentWebview().onDragDropEvent(({ payload }) => {
    if (payload.type === "drop") tell({ kind: "dropped", photos: payload.paths.map(fromPath) });
    else if (payload.type === "leave") tell({ kind: "left" });
    else tell({ kind: "over" });
  });
  return () => endListening(listening);
}

function fromPath(path: string): PhotoSource {
  return { name: path.split(/[\\/]/).pop() || path, path };
}
