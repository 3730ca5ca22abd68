import type { HistoryEntry, Note, NoteVersion } from "../ipc/bindings";
import type { DemoClinic } from "./demoClinic";
import { fail, type Handlers, now } from "./demoWire";

/** Notes under the demo clinic's photos, with what they said before. */
export class DemoNotes {
  private notes = new Map<string, (Note & { photo: string })[]>();
  private versions = new Map<string, NoteVersion[]>();

  constructor(private readonly clinic: DemoClinic) {}

  readonly handlers: Handlers = {
    add_note: ({ analysisId, text }) => {
      const entry = this.clinic.entries.find(({ analysis }) => analysis.id === analysisId) ?? fail("not_found");
      return this.add(entry, String(text));
    },
    edit_note: ({ noteId, revision, text }) => {
      const note = [...this.notes.values()].flat().find(({ id }) => id === noteId) ?? fail("not_found");
      if (note.revision !== revision) fail("changed_meanwhile");
      this.versions.set(note.id, [{ text: note.text, replaced_at: now() }, ...(this.versions.get(note.id) ?? [])]);
      Object.assign(note, { text, revision: note.revision + 1, edited_at: now() });
      return note;
    },
    note_versions: ({ noteId }) => this.versions.get(String(noteId)) ?? [],
  };

  of(photoId: string): Note[] {
    return this.notes.get(photoId) ?? [];
  }

  add(entry: HistoryEntry, text: string): Note {
    const note = {
      id: this.clinic.id("note"),
      text,
      author: this.clinic.author(),
      created_at: now(),
      edited_at: null,
      revision: 1,
      mine: true,
      photo: entry.photo_id,
    };
    this.notes.set(entry.photo_id, [...(this.notes.get(entry.photo_id) ?? []), note]);
    entry.notes += 1;
    return note;
  }
}
