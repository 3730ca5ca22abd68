import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorNote, useFailureWords } from "../../design/ErrorNote";
import { Field } from "../../design/Field";
import { DoorScreen } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import type { Code } from "../../ipc/bindings";
import { useRecover } from "../../ipc/queries";

/** The device key is gone: nothing is lost, and only the recovery key opens the records again. */
export function RecoveryScreen({ reason }: { reason: Code }) {
  const { t } = useTranslation();
  const words = useFailureWords();
  const recover = useRecover();
  const [typed, setTyped] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!recover.isPending && typed.trim()) recover.mutate(typed.trim().toUpperCase());
  };
  return (
    <DoorScreen title={t("recovery.title")} width={560}>
      <Typography>{words({ code: reason, subject: null })}</Typography>
      <Typography sx={{ color: "text.secondary" }}>{t("recovery.explain")}</Typography>
      <Box
        component="form"
        onSubmit={submit}
        noValidate
        data-testid={testIds.recovery}
        sx={{ display: "grid", gap: 2 }}
      >
        <Field
          label={t("recoveryKey.label")}
          hint={t("recovery.hint")}
          testId={testIds.recoveryInput}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          autoFocus
          autoComplete="off"
          required
          inputProps={{ spellCheck: false, autoCapitalize: "characters" }}
        />
        {recover.error && <ErrorNote error={recover.error} />}
        <Button
          type="submit"
          variant="contained"
          size="large"
          disabled={recover.isPending || !typed.trim()}
          data-testid={testIds.recoverySubmit}
        >
          {recover.isPending ? t("recovery.opening") : t("recovery.submit")}
        </Button>
      </Box>
    </DoorScreen>
  );
}
