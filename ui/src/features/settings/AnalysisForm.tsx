import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Choice } from "../../design/Choice";
import { ErrorNote, useFailureWords } from "../../design/ErrorNote";
import { Field } from "../../design/Field";
import { PasswordField } from "../../design/PasswordField";
import { testIds } from "../../design/testIds";
import { useSetAnalysisSettings } from "../../ipc/analysing";
import type { AnalysisSettings, Way } from "../../ipc/bindings";

const WAYS: Way[] = ["device", "space"];

/** The kept token is never shown: it stays, is replaced by what is typed, or is removed. */
export function AnalysisForm({ saved }: { saved: AnalysisSettings }) {
  const { t } = useTranslation();
  const words = useFailureWords();
  const save = useSetAnalysisSettings();
  const [address, setAddress] = useState(saved.space_url ?? "");
  const [token, setToken] = useState("");
  const [removing, setRemoving] = useState(false);
  const [prefer, setPrefer] = useState(saved.prefer);

  // The core writes an address its own way.
  useEffect(() => setAddress(saved.space_url ?? ""), [saved.space_url]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const typed = token.trim();
    save.mutate(
      { space_url: address.trim() || null, token: typed || (removing ? "" : null), prefer },
      {
        onSuccess: () => {
          setToken("");
          setRemoving(false);
        },
      },
    );
  };
  const change = <V,>(set: (value: V) => void) => {
    return (value: V) => {
      save.reset();
      set(value);
    };
  };
  const about = (code: string) => (save.error?.code === code ? words(save.error) : null);
  const addressError = about("space_address_invalid");
  const tokenError = about("space_token_invalid");
  const other = address.trim() !== (saved.space_url ?? "");
  const tokenHint = () => {
    if (!saved.has_token) return t("analysing.tokenNone");
    if (removing) return t("analysing.tokenGoes");
    return t(other ? "analysing.tokenOther" : "analysing.tokenKept");
  };
  return (
    <Box component="form" onSubmit={submit} noValidate aria-labelledby="analysing" sx={{ display: "grid", gap: 1.5 }}>
      <Field
        label={t("analysing.address")}
        hint={t("analysing.addressHint")}
        error={addressError}
        testId={testIds.spaceAddress}
        type="url"
        inputProps={{ inputMode: "url", spellCheck: false, autoCapitalize: "none" }}
        autoComplete="off"
        value={address}
        onChange={(event) => change(setAddress)(event.target.value)}
      />
      <PasswordField
        label={t("analysing.token")}
        hint={tokenHint()}
        error={tokenError}
        testId={testIds.spaceToken}
        autoComplete="off"
        value={token}
        onChange={(event) => change(setToken)(event.target.value)}
      />
      {saved.has_token && !other && (
        <Box>
          <Button
            variant="outlined"
            aria-pressed={removing}
            onClick={() => change(setRemoving)(!removing)}
            data-testid={testIds.spaceTokenRemove}
          >
            {t(removing ? "analysing.keepToken" : "analysing.removeToken")}
          </Button>
        </Box>
      )}
      <Choice
        label={t("analysing.prefer")}
        wrap
        value={prefer}
        options={WAYS.map((way) => ({ value: way, label: t(`analysing.${way}`), testId: testIds.spacePrefer(way) }))}
        onChange={change(setPrefer)}
      />
      <Box sx={{ color: "text.secondary" }}>{t(`analysingFirst.${prefer}`)}</Box>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1.5, alignItems: "center" }}>
        <Button type="submit" variant="contained" disabled={save.isPending} data-testid={testIds.spaceSave}>
          {t(save.isPending ? "analysing.saving" : "analysing.save")}
        </Button>
        <Box role="status" data-testid={testIds.spaceSaved} sx={{ color: "calm.text" }}>
          {save.isSuccess && t("analysing.saved")}
        </Box>
      </Box>
      {save.error && !addressError && !tokenError && <ErrorNote error={save.error} />}
    </Box>
  );
}
