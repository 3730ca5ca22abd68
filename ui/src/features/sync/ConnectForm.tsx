import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import LinearProgress from "@mui/material/LinearProgress";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { FailureDetails, type Told, useFailureWords } from "../../design/ErrorNote";
import { Field } from "../../design/Field";
import { testIds } from "../../design/testIds";

/** Takes the code that the centre handed over. What is typed is forgotten with this form. */
export function ConnectForm({
  busy,
  error,
  onCode,
  onCancel,
}: {
  busy: boolean;
  error: Told | null;
  onCode: (code: string) => void;
  onCancel: (() => void) | undefined;
}) {
  const { t } = useTranslation();
  const words = useFailureWords();
  const [code, setCode] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!busy && code.trim()) onCode(code);
  };
  return (
    <Box component="form" onSubmit={submit} noValidate sx={{ display: "grid", gap: 1.5 }}>
      <Box>
        <Field
          label={t("centre.code")}
          hint={t("centre.codeHint")}
          error={error && !busy ? words(error) : null}
          testId={testIds.connectCode}
          multiline
          minRows={3}
          maxRows={8}
          autoComplete="off"
          autoFocus={Boolean(onCancel)}
          inputProps={{ spellCheck: false, autoCapitalize: "none" }}
          sx={{ py: 1.25, fontFamily: "monospace", overflowWrap: "anywhere" }}
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
        {error && !busy && <FailureDetails error={error} />}
      </Box>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>
        <Button type="submit" variant="contained" disabled={busy || !code.trim()} data-testid={testIds.connectSubmit}>
          {busy ? t("centre.connecting") : t("centre.connect")}
        </Button>
        {onCancel && (
          <Button variant="outlined" disabled={busy} onClick={onCancel}>
            {t("common.cancel")}
          </Button>
        )}
      </Box>
      {busy && <LinearProgress aria-label={t("centre.connecting")} />}
    </Box>
  );
}
