import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorNote } from "../../design/ErrorNote";
import { Field } from "../../design/Field";
import { EditIcon } from "../../design/icons";
import { testIds } from "../../design/testIds";
import { useUnsaved } from "../../design/Unsaved";
import type { LesionRow } from "../../ipc/bindings";
import { useLabelLesion } from "../../ipc/queries";

/** What the people here call this spot: two on one back are told apart by it. */
export function LesionName({ lesion }: { lesion: LesionRow }) {
  const { t } = useTranslation();
  const label = useLabelLesion(lesion.patient_id);
  const [typed, setTyped] = useState<string | null>(null);
  const changed = typed !== null && typed.trim() !== (lesion.label ?? "");
  const unsaved = useUnsaved(changed ? { title: t("unsaved.lesionName") } : null);
  if (typed === null) {
    return (
      <Button startIcon={<EditIcon />} onClick={() => setTyped(lesion.label ?? "")} data-testid={testIds.lesionRename}>
        {t(lesion.label ? "lesion.changeName" : "lesion.giveName")}
      </Button>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!label.isPending)
      label.mutate({ lesionId: lesion.id, label: typed.trim() || null }, { onSuccess: () => setTyped(null) });
  };
  return (
    <Box component="form" onSubmit={submit} noValidate sx={{ display: "grid", gap: 1, p: 1 }}>
      <Field
        label={t("lesion.name")}
        hint={t("capture.labelHint")}
        testId={testIds.lesionName}
        autoFocus
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {label.error && <ErrorNote error={label.error} />}
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>
        <Button type="submit" variant="contained" disabled={label.isPending} data-testid={testIds.lesionNameSave}>
          {t("lesion.saveName")}
        </Button>
        <Button variant="outlined" onClick={() => unsaved.drop(() => setTyped(null))}>
          {t("common.cancel")}
        </Button>
      </Box>
    </Box>
  );
}
