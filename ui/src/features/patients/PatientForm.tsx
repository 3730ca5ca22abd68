import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Choice } from "../../design/Choice";
import { ErrorNote, type Told, useFailureWords } from "../../design/ErrorNote";
import { Field } from "../../design/Field";
import { testIds } from "../../design/testIds";
import type { PatientDraft, Sex } from "../../ipc/bindings";
import { parseBorn, type TypedPatient, toDraft } from "./draft";

const SEXES: Sex[] = ["MALE", "FEMALE", "OTHER"];

export function PatientForm({
  typed,
  onType,
  busy,
  error,
  saveLabel,
  onSave,
  onCancel,
}: {
  typed: TypedPatient;
  onType: (typed: TypedPatient) => void;
  busy: boolean;
  error: Told | null;
  saveLabel: string;
  onSave: (draft: PatientDraft) => void;
  onCancel: () => void;
}) {
  const { t } = useTranslation();
  const words = useFailureWords();
  const [wrong, setWrong] = useState<{ full_name?: string; born?: string }>({});

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const found: typeof wrong = {};
    if (!typed.full_name.trim()) found.full_name = words({ code: "name_missing", subject: null });
    if (typed.born.trim() && !parseBorn(typed.born)) found.born = words({ code: "born_invalid", subject: null });
    setWrong(found);
    if (Object.keys(found).length === 0) onSave(toDraft(typed));
  };
  const refused = { full_name: error?.code === "name_missing", born: error?.code === "born_invalid" };
  const field = (name: "full_name" | "born" | "phone" | "national_id" | "address", testId: string) => ({
    testId,
    label: t(`patientField.${name}`),
    value: typed[name],
    autoComplete: "off",
    error:
      name === "full_name" || name === "born" ? (wrong[name] ?? (error && refused[name] ? words(error) : null)) : null,
    onChange: (event: { target: { value: string } }) => onType({ ...typed, [name]: event.target.value }),
  });

  return (
    <Box component="form" onSubmit={submit} noValidate sx={{ display: "grid", gap: 2 }}>
      <Field {...field("full_name", testIds.patientName)} required autoFocus />
      <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: { xs: "1fr", sm: "1fr 1fr" } }}>
        <Field {...field("born", testIds.patientBorn)} hint={t("register.bornHint")} />
        <Choice
          label={t("patientField.sex")}
          value={typed.sex || null}
          onChange={(sex) => onType({ ...typed, sex })}
          options={SEXES.map((sex) => ({ value: sex, label: t(`sex.${sex}`), testId: `${testIds.patientSex}-${sex}` }))}
        />
        <Field {...field("phone", testIds.patientPhone)} type="tel" />
        <Field {...field("national_id", testIds.patientNationalId)} inputProps={{ inputMode: "numeric" }} />
      </Box>
      <Field {...field("address", testIds.patientAddress)} />
      {error && !refused.full_name && !refused.born && error.code !== "changed_meanwhile" && (
        <ErrorNote error={error} />
      )}
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>
        <Button type="submit" variant="contained" disabled={busy} data-testid={testIds.savePatient}>
          {saveLabel}
        </Button>
        <Button variant="outlined" onClick={onCancel} data-testid={testIds.cancelPatient}>
          {t("common.cancel")}
        </Button>
      </Box>
    </Box>
  );
}
