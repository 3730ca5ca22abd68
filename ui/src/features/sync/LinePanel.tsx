import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Choice } from "../../design/Choice";
import { ErrorNote, useFailureWords } from "../../design/ErrorNote";
import { Field } from "../../design/Field";
import { Loaded, RowsSkeleton } from "../../design/Loaded";
import { testIds } from "../../design/testIds";
import type { Line, SyncSettings } from "../../ipc/bindings";
import { useSetSyncSettings, useSyncSettings } from "../../ipc/queries";
import { parseRate, slowestRate } from "./rate";

const LINES: Line[] = ["everything", "records_and_urgent"];

/** What the line to the centre may be used for. */
export function LinePanel() {
  const settings = useSyncSettings();
  return (
    <Loaded query={settings} skeleton={<RowsSkeleton rows={2} height={44} />}>
      {(saved) => <LineForm saved={saved} />}
    </Loaded>
  );
}

function LineForm({ saved }: { saved: SyncSettings }) {
  const { t } = useTranslation();
  const failure = useFailureWords();
  const save = useSetSyncSettings();
  const [line, setLine] = useState(saved.line);
  const [typed, setTyped] = useState(saved.kilobytes_per_second?.toString() ?? "");
  const [checked, setChecked] = useState(false);
  const rate = parseRate(typed);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (typeof rate !== "string") save.mutate({ line, kilobytes_per_second: rate });
  };
  const change = () => {
    setChecked(false);
    save.reset();
  };
  const tooLow = (checked && rate === "too_low") || save.error?.code === "rate_too_low";
  const wrong = tooLow
    ? failure({ code: "rate_too_low", subject: save.error?.subject ?? String(slowestRate) })
    : checked && rate === "no_number"
      ? t("line.capInvalid")
      : null;
  return (
    <Box
      component="form"
      onSubmit={submit}
      noValidate
      aria-labelledby="line"
      sx={{ display: "grid", gap: 1.5, borderTop: 1, borderColor: "line", pt: 2 }}
    >
      <Typography variant="h3" id="line">
        {t("line.title")}
      </Typography>
      <Choice
        label={t("line.what")}
        wrap
        value={line}
        options={LINES.map((one) => ({ value: one, label: t(`line.${one}`), testId: testIds.line(one) }))}
        onChange={(next) => {
          change();
          setLine(next);
        }}
      />
      <Box sx={{ color: "text.secondary" }}>{t(`lineMeans.${line}`)}</Box>
      <Box sx={{ maxWidth: 420 }}>
        <Field
          label={t("line.cap")}
          hint={t("line.capHint")}
          error={wrong}
          testId={testIds.lineCap}
          inputProps={{ inputMode: "numeric" }}
          autoComplete="off"
          value={typed}
          onChange={(event) => {
            change();
            setTyped(event.target.value);
          }}
        />
      </Box>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1.5, alignItems: "center" }}>
        <Button type="submit" variant="outlined" disabled={save.isPending} data-testid={testIds.lineSave}>
          {save.isPending ? t("line.saving") : t("line.save")}
        </Button>
        <Box role="status" data-testid={testIds.lineSaved}>
          {save.isSuccess && t("line.saved")}
        </Box>
      </Box>
      {save.error && save.error.code !== "rate_too_low" && <ErrorNote error={save.error} />}
    </Box>
  );
}
