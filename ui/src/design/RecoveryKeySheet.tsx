import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RecoveryOffer } from "../ipc/bindings";
import { ErrorNote, type Told } from "./ErrorNote";
import { Field } from "./Field";
import { testIds } from "./testIds";

/** Shows a fresh recovery key to be written down, then asks two of its groups back. */
export function RecoveryKeySheet({
  recoveryKey,
  busy,
  error,
  onConfirm,
}: {
  recoveryKey: RecoveryOffer;
  busy: boolean;
  error: Told | null;
  onConfirm: (typed: string[]) => void;
}) {
  const { t } = useTranslation();
  const [written, setWritten] = useState(false);
  if (!written) {
    return (
      <Box sx={{ display: "grid", gap: 2 }} data-testid={testIds.recoveryKey}>
        <Typography>{t("recoveryKey.why")}</Typography>
        <KeyGroups groups={recoveryKey.groups} />
        <Typography sx={{ color: "text.secondary" }}>{t("recoveryKey.how")}</Typography>
        <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>
          <Button variant="contained" onClick={() => setWritten(true)} data-testid={testIds.recoveryKeyWritten}>
            {t("recoveryKey.written")}
          </Button>
        </Box>
      </Box>
    );
  }
  return (
    <TypeBack
      ask={recoveryKey.ask}
      busy={busy}
      error={error}
      onConfirm={onConfirm}
      onShowAgain={() => setWritten(false)}
    />
  );
}

function KeyGroups({ groups }: { groups: string[] }) {
  const { t } = useTranslation();
  return (
    <Box
      component="ol"
      aria-label={t("recoveryKey.label")}
      sx={{
        m: 0,
        p: 2,
        listStyle: "none",
        display: "grid",
        gap: 1,
        gridTemplateColumns: { xs: "repeat(2, 1fr)", sm: "repeat(4, 1fr)" },
        border: 2,
        borderColor: "calm.line",
        borderRadius: 2,
        bgcolor: "calm.ground",
        color: "calm.text",
      }}
    >
      {groups.map((group, nth) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a group is known by its place
        <Box component="li" key={nth} sx={{ display: "flex", gap: 1, alignItems: "baseline" }}>
          <Box component="span" sx={{ fontSize: "0.8125rem", minWidth: 16 }}>
            {nth + 1}
          </Box>
          <Box
            component="span"
            data-testid={testIds.recoveryKeyGroup}
            sx={{ fontSize: "1.25rem", fontWeight: 700, letterSpacing: "0.12em", fontVariantNumeric: "tabular-nums" }}
          >
            {group}
          </Box>
        </Box>
      ))}
    </Box>
  );
}

function TypeBack({
  ask,
  busy,
  error,
  onConfirm,
  onShowAgain,
}: {
  ask: number[];
  busy: boolean;
  error: Told | null;
  onConfirm: (typed: string[]) => void;
  onShowAgain: () => void;
}) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(() => ask.map(() => ""));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!busy) onConfirm(typed.map((group) => group.trim().toUpperCase()));
  };
  return (
    <Box component="form" onSubmit={submit} sx={{ display: "grid", gap: 2 }} noValidate>
      <Typography>{t("recoveryKey.typeBack")}</Typography>
      <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: { xs: "1fr", sm: "1fr 1fr" } }}>
        {ask.map((group, nth) => (
          <Field
            key={group}
            label={t("recoveryKey.group", { number: group + 1 })}
            testId={testIds.recoveryKeyTyped(nth)}
            value={typed[nth]}
            autoFocus={nth === 0}
            autoComplete="off"
            inputProps={{ spellCheck: false, autoCapitalize: "characters" }}
            onChange={(event) => setTyped(typed.map((old, at) => (at === nth ? event.target.value : old)))}
          />
        ))}
      </Box>
      {error && <ErrorNote error={error} />}
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>
        <Button type="submit" variant="contained" disabled={busy} data-testid={testIds.recoveryKeyConfirm}>
          {t("recoveryKey.confirm")}
        </Button>
        <Button variant="outlined" onClick={onShowAgain} data-testid={testIds.recoveryKeyShowAgain}>
          {t("recoveryKey.showAgain")}
        </Button>
      </Box>
    </Box>
  );
}
