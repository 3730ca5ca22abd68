import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Link from "@mui/material/Link";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link as RouterLink } from "react-router";
import { ErrorNote } from "../../design/ErrorNote";
import { Loaded, RowsSkeleton } from "../../design/Loaded";
import { SelectField } from "../../design/SelectField";
import { testIds } from "../../design/testIds";
import { target } from "../../design/tokens";
import { useAnalysisSettings, useAskOpinion, useModels } from "../../ipc/analysing";
import type { PhotoDetail } from "../../ipc/bindings";
import { type Candidate, candidates } from "./candidates";

const wordOf = ({ model }: Candidate) => model?.sha256 ?? "space";

/** Asks one of those who have not spoken: another model on this machine, or online analysis where the patient agreed. */
export function AskOpinion({ detail }: { detail: PhotoDetail }) {
  const models = useModels();
  const settings = useAnalysisSettings();
  return (
    <Loaded query={models} skeleton={<RowsSkeleton rows={1} height={44} />}>
      {(rows) => (
        <Loaded query={settings} skeleton={<RowsSkeleton rows={1} height={44} />}>
          {({ space_url }) => (
            <Ask
              detail={detail}
              whom={candidates(detail, rows, space_url !== null)}
              complete={space_url !== null || rows.filter(({ usable }) => usable).length > 1}
            />
          )}
        </Loaded>
      )}
    </Loaded>
  );
}

/** `complete`: there is somebody to ask besides the model in use. */
function Ask({ detail, whom, complete }: { detail: PhotoDetail; whom: Candidate[]; complete: boolean }) {
  const { t } = useTranslation();
  const ask = useAskOpinion(detail.entry.photo_id);
  const [picked, setPicked] = useState<string | null>(null);
  const chosen = whom.find((one) => wordOf(one) === picked) ?? whom[0];
  const consented = detail.patient.cloud_consent?.given === true;
  const comes = detail.opinions.some(({ analysis: { id, state } }) => id === ask.data && state === "pending");
  const refused = chosen?.of === "space" && !consented;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen && !refused) ask.mutate(chosen.of);
  };
  return (
    <Box component="form" onSubmit={submit} aria-label={t("opinion.ask")} sx={{ display: "grid", gap: 1 }}>
      {chosen ? (
        <>
          <Box sx={{ fontWeight: 700 }}>{t("opinion.ask")}</Box>
          <SelectField
            label={t("opinion.whom")}
            testId={testIds.opinionWhom}
            value={wordOf(chosen)}
            options={whom.map((one) => ({ value: wordOf(one), label: nameOf(one) }))}
            onChange={(value) => {
              ask.reset();
              setPicked(value);
            }}
          />
          {refused && (
            <Box
              data-testid={testIds.opinionNoConsent}
              sx={{ px: 1.5, py: 0.75, borderRadius: 2, bgcolor: "hint.ground", color: "hint.text" }}
            >
              {t("opinion.noConsent")}
              <br />
              <Link
                component={RouterLink}
                to={`/patients/${detail.patient.id}/edit#consent`}
                color="inherit"
                sx={{ display: "inline-flex", alignItems: "center", minHeight: target, fontWeight: 700 }}
              >
                {t("opinion.toConsent")}
              </Link>
            </Box>
          )}
          <Box>
            <Button
              type="submit"
              variant="outlined"
              disabled={refused || ask.isPending}
              data-testid={testIds.opinionAsk}
            >
              {ask.isPending ? t("opinion.sending") : t("opinion.send")}
            </Button>
          </Box>
        </>
      ) : (
        <Nobody complete={complete} />
      )}
      <Box role="status" sx={{ "&:empty": { display: "none" } }}>
        {comes && t("opinion.sent")}
      </Box>
      {ask.error && <ErrorNote error={ask.error} />}
    </Box>
  );

  function nameOf({ model }: Candidate): string {
    if (!model) return t("opinion.space");
    return model.demo ? t("opinion.demoModel", { name: model.name }) : model.name;
  }
}

function Nobody({ complete }: { complete: boolean }) {
  const { t } = useTranslation();
  if (complete) return <Box sx={{ color: "text.secondary" }}>{t("opinion.everybody")}</Box>;
  return (
    <Box sx={{ color: "text.secondary" }}>
      {t("opinion.nobody")}
      <Box>
        <Link
          component={RouterLink}
          to="/settings"
          sx={{ display: "inline-flex", alignItems: "center", minHeight: target }}
        >
          {t("opinion.openSettings")}
        </Link>
      </Box>
    </Box>
  );
}
