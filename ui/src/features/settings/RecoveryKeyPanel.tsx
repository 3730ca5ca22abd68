import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorNote } from "../../design/ErrorNote";
import { Loaded, RowsSkeleton } from "../../design/Loaded";
import { PasswordField } from "../../design/PasswordField";
import { RecoveryKeySheet } from "../../design/RecoveryKeySheet";
import { Panel } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import { useConfirmRecoveryKey, useRenewRecoveryKey } from "../../ipc/queries";
import { useStorageSummary } from "../../ipc/storage";

/** Whether the recovery key was written down, and a way to a new one. */
export function RecoveryKeyPanel() {
  const { t } = useTranslation();
  const storage = useStorageSummary();
  const renew = useRenewRecoveryKey();
  const confirm = useConfirmRecoveryKey();
  const [step, setStep] = useState<"rest" | "password" | "done">("rest");
  const finish = () => {
    renew.reset();
    setStep("done");
  };
  return (
    <Panel title={t("recoveryKey.title")} id="recovery-key">
      {renew.data ? (
        <RecoveryKeySheet
          recoveryKey={renew.data}
          busy={confirm.isPending}
          error={confirm.error}
          onConfirm={(typed) => confirm.mutate(typed, { onSuccess: finish })}
        />
      ) : (
        <Box sx={{ display: "grid", gap: 1.5 }}>
          <Loaded query={storage} skeleton={<RowsSkeleton rows={1} height={40} />}>
            {(summary) => (
              <Typography
                role="status"
                sx={
                  summary.recovery_key_confirmed
                    ? {}
                    : { p: 1.5, borderRadius: 2, bgcolor: "hint.ground", color: "hint.text" }
                }
              >
                {t(summary.recovery_key_confirmed ? "recoveryKey.isConfirmed" : "recoveryKey.notConfirmed")}
              </Typography>
            )}
          </Loaded>
          {step === "done" && <Typography role="status">{t("recoveryKey.renewed")}</Typography>}
          {step === "password" ? (
            <PasswordForm
              busy={renew.isPending}
              wrong={renew.error?.code === "sign_in_refused"}
              onCancel={() => {
                renew.reset();
                setStep("rest");
              }}
              onPassword={(password) => renew.mutate(password)}
            />
          ) : (
            <Box>
              <Button variant="outlined" onClick={() => setStep("password")} data-testid={testIds.renewRecoveryKey}>
                {t("recoveryKey.renew")}
              </Button>
            </Box>
          )}
          {renew.error && renew.error.code !== "sign_in_refused" && <ErrorNote error={renew.error} />}
        </Box>
      )}
    </Panel>
  );
}

function PasswordForm({
  busy,
  wrong,
  onPassword,
  onCancel,
}: {
  busy: boolean;
  wrong: boolean;
  onPassword: (password: string) => void;
  onCancel: () => void;
}) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!busy && password) onPassword(password);
  };
  return (
    <Box component="form" onSubmit={submit} noValidate sx={{ display: "grid", gap: 1.5, maxWidth: 420 }}>
      <PasswordField
        label={t("recoveryKey.yourPassword")}
        hint={t("recoveryKey.renewHint")}
        error={wrong ? t("recoveryKey.passwordWrong") : null}
        autoComplete="current-password"
        autoFocus
        testId={testIds.renewPassword}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>
        <Button type="submit" variant="contained" disabled={busy || !password} data-testid={testIds.renewSubmit}>
          {t("recoveryKey.showNew")}
        </Button>
        <Button variant="outlined" onClick={onCancel}>
          {t("common.cancel")}
        </Button>
      </Box>
    </Box>
  );
}
