import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorNote, useFailureWords } from "../../design/ErrorNote";
import { Field } from "../../design/Field";
import { PasswordField } from "../../design/PasswordField";
import { RecoveryKeySheet } from "../../design/RecoveryKeySheet";
import { DoorScreen } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import type { RecoveryOffer } from "../../ipc/bindings";
import type { UiCode } from "../../ipc/failure";
import { useConfirmRecoveryKey, useSetUp } from "../../ipc/queries";

const LEAST_PASSWORD = 10;
type FieldName = "clinic" | "full_name" | "email" | "password";
const FIELD_OF: Partial<Record<UiCode, FieldName>> = {
  name_missing: "full_name",
  email_invalid: "email",
  email_taken: "email",
  password_too_short: "password",
};

/** Names the clinic, makes its first person, and hands over the recovery key. `onDone` leaves this screen. */
export function FirstRunScreen({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const [key, setKey] = useState<RecoveryOffer | null>(null);
  const confirm = useConfirmRecoveryKey();
  if (!key) return <ClinicForm onMade={setKey} />;
  return (
    <DoorScreen title={t("recoveryKey.title")} width={620}>
      <RecoveryKeySheet
        recoveryKey={key}
        busy={confirm.isPending}
        error={confirm.error}
        onConfirm={(typed) => confirm.mutate(typed, { onSuccess: onDone })}
      />
    </DoorScreen>
  );
}

function ClinicForm({ onMade }: { onMade: (key: RecoveryOffer) => void }) {
  const { t } = useTranslation();
  const words = useFailureWords();
  const setUp = useSetUp();
  const [typed, setTyped] = useState<Record<FieldName, string>>({ clinic: "", full_name: "", email: "", password: "" });
  const [missing, setMissing] = useState<Partial<Record<FieldName, string>>>({});

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (setUp.isPending) return;
    const found: typeof missing = {};
    if (!typed.clinic.trim()) found.clinic = t("firstRun.clinicMissing");
    if (!typed.full_name.trim()) found.full_name = words({ code: "name_missing", subject: null });
    if (!/^\S+@\S+\.\S+$/.test(typed.email.trim())) found.email = words({ code: "email_invalid", subject: null });
    if ([...typed.password].length < LEAST_PASSWORD)
      found.password = words({ code: "password_too_short", subject: null });
    setMissing(found);
    if (Object.keys(found).length > 0) return;
    const { clinic, password } = typed;
    const person = { full_name: typed.full_name.trim(), email: typed.email.trim(), password };
    setUp.mutate({ clinic: clinic.trim(), person }, { onSuccess: onMade });
  };

  const refused = setUp.error && FIELD_OF[setUp.error.code];
  const field = (name: FieldName, testId: string, type: "text" | "email" | "password", autoComplete: string) => ({
    testId,
    type,
    autoComplete,
    required: true,
    label: t(`firstRun.${name}`),
    value: typed[name],
    error: missing[name] ?? (refused === name && setUp.error ? words(setUp.error) : null),
    onChange: (event: { target: { value: string } }) => setTyped({ ...typed, [name]: event.target.value }),
  });

  return (
    <DoorScreen title={t("firstRun.title")} width={540}>
      <Typography sx={{ color: "text.secondary" }}>{t("firstRun.intro")}</Typography>
      <Box
        component="form"
        onSubmit={submit}
        noValidate
        data-testid={testIds.firstRun}
        sx={{ display: "grid", gap: 2 }}
      >
        <Field
          {...field("clinic", testIds.firstRunClinic, "text", "organization")}
          autoFocus
          hint={t("firstRun.clinicHint")}
        />
        <Typography variant="h2">{t("firstRun.firstPerson")}</Typography>
        <Field {...field("full_name", testIds.firstRunName, "text", "name")} />
        <Field {...field("email", testIds.firstRunEmail, "email", "email")} hint={t("firstRun.emailHint")} />
        <PasswordField
          {...field("password", testIds.firstRunPassword, "password", "new-password")}
          hint={t("firstRun.passwordHint", { count: LEAST_PASSWORD })}
        />
        {setUp.error && !refused && <ErrorNote error={setUp.error} />}
        <Button
          type="submit"
          variant="contained"
          size="large"
          disabled={setUp.isPending}
          data-testid={testIds.firstRunSubmit}
        >
          {setUp.isPending ? t("firstRun.making") : t("firstRun.submit")}
        </Button>
      </Box>
    </DoorScreen>
  );
}
