import { save } from "@tauri-apps/plugin-dialog";

/** Asks where a report goes; null when the person closed the dialog. `label` names the kind of file in it. */
export async function pickReportPath(label: string, name: string): Promise<string | null> {
  return save({ defaultPath: name, filters: [{ name: label, extensions: ["json"] }] });
}
