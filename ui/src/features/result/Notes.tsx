import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorNote } from "../../design/ErrorNote";
import { Field } from "../../design/Field";
import { useFormat } from "../../design/format";
import { Loaded, RowsSkeleton } from "../../design/Loaded";
import { testIds } from "../../design/testIds";
import { useUnsaved } from "../../design/Unsaved";
import type { Note } from "../../ipc/bindings";
import { useAddNote, useEditNote, useNoteVersions } from "../../ipc/queries";

export function Notes({ notes, analysisId, patientId }: { notes: Note[]; analysisId: string; patientId: string }) {
  const { t } = useTranslation();
  const add = useAddNote(patientId);
  const [writing, setWriting] = useState(false);
  return (
    <Box sx={{ display: "grid", gap: 1.5 }}>
      {notes.length === 0 && !writing && <Box sx={{ color: "text.secondary" }}>{t("note.none")}</Box>}
      {notes.map((note) => (
        <OneNote key={note.id} note={note} />
      ))}
      {writing ? (
        <Writing
          label={t("note.add")}
          start=""
          busy={add.isPending}
          onCancel={() => setWriting(false)}
          onSave={(text) => add.mutate({ analysisId, text }, { onSuccess: () => setWriting(false) })}
        />
      ) : (
        <Box>
          <Button variant="outlined" onClick={() => setWriting(true)} data-testid={testIds.note}>
            {t("note.add")}
          </Button>
        </Box>
      )}
      {writing && add.error && <ErrorNote error={add.error} />}
    </Box>
  );
}

function OneNote({ note }: { note: Note }) {
  const { t } = useTranslation();
  const format = useFormat();
  const edit = useEditNote();
  const [editing, setEditing] = useState(false);
  const [earlier, setEarlier] = useState(false);
  return (
    <Box
      component="article"
      sx={{ border: 1, borderColor: "line", borderRadius: 2, p: 1.5, display: "grid", gap: 0.75 }}
    >
      <Box sx={{ fontSize: "0.8125rem", color: "text.secondary" }}>
        {note.author} · {format.dateTime(note.created_at)}
        {note.edited_at && ` · ${t("note.edited", { when: format.dateTime(note.edited_at) })}`}
      </Box>
      {editing ? (
        <Writing
          label={t("note.edit")}
          start={note.text}
          busy={edit.isPending}
          onCancel={() => setEditing(false)}
          onSave={(text) =>
            edit.mutate({ noteId: note.id, revision: note.revision, text }, { onSuccess: () => setEditing(false) })
          }
        />
      ) : (
        <Box sx={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{note.text}</Box>
      )}
      {editing && edit.error && <ErrorNote error={edit.error} />}
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>
        {note.mine && !editing && (
          <Button sx={{ px: 1, ml: -1 }} onClick={() => setEditing(true)} data-testid={testIds.noteEdit}>
            {t("note.edit")}
          </Button>
        )}
        {note.edited_at && (
          <Button
            sx={{ px: 1 }}
            aria-expanded={earlier}
            onClick={() => setEarlier(!earlier)}
            data-testid={testIds.noteVersions}
          >
            {earlier ? t("note.hideEarlier") : t("note.earlier")}
          </Button>
        )}
      </Box>
      {earlier && <Earlier noteId={note.id} />}
    </Box>
  );
}

function Earlier({ noteId }: { noteId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const versions = useNoteVersions(noteId, true);
  return (
    <Loaded query={versions} skeleton={<RowsSkeleton rows={1} height={40} />}>
      {(all) => (
        <Box component="ul" sx={{ m: 0, pl: 2.5, fontSize: "0.875rem" }}>
          {all.map((version) => (
            <li key={version.replaced_at}>
              <Box sx={{ color: "text.secondary" }}>
                {t("note.until", { when: format.dateTime(version.replaced_at) })}
              </Box>
              <Box sx={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{version.text}</Box>
            </li>
          ))}
        </Box>
      )}
    </Loaded>
  );
}

function Writing({
  label,
  start,
  busy,
  onSave,
  onCancel,
}: {
  label: string;
  start: string;
  busy: boolean;
  onSave: (text: string) => void;
  onCancel: () => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState(start);
  const unsaved = useUnsaved(text === start ? null : { title: t("unsaved.note") });
  return (
    <Box sx={{ display: "grid", gap: 1 }}>
      <Field
        label={label}
        testId={testIds.noteText}
        multiline
        minRows={3}
        autoFocus
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Box sx={{ display: "flex", gap: 1 }}>
        <Button
          variant="contained"
          disabled={busy || !text.trim()}
          onClick={() => onSave(text.trim())}
          data-testid={testIds.noteSave}
        >
          {t("note.save")}
        </Button>
        <Button variant="outlined" onClick={() => unsaved.drop(onCancel)} data-testid={testIds.noteCancel}>
          {t("common.cancel")}
        </Button>
      </Box>
    </Box>
  );
}
