import Box from "@mui/material/Box";
import FormControlLabel from "@mui/material/FormControlLabel";
import Switch from "@mui/material/Switch";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Patient } from "../ipc/bindings";
import { ConfirmDialog } from "./ConfirmDialog";
import { ErrorNote, type Told } from "./ErrorNote";
import { useFormat } from "./format";
import { testIds } from "./testIds";

/**
 * What the patient says about online analysis, who recorded it and when. Giving asks first, with the patient's name: what was
 * sent does not come back. `wanted` is what is being written now.
 */
export function ConsentSwitch({
  patient,
  may,
  wanted,
  error,
  onSet,
}: {
  patient: Pick<Patient, "full_name" | "cloud_consent">;
  may: boolean;
  wanted: boolean | undefined;
  error: Told | null;
  onSet: (given: boolean) => void;
}) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const said = patient.cloud_consent;
  const testAttribute = { "data-testid": testIds.consent };
  return (
    <Box sx={{ display: "grid", gap: 1 }}>
      <FormControlLabel
        sx={{ minHeight: 44, mr: 0 }}
        control={
          <Switch
            checked={wanted ?? said?.given ?? false}
            disabled={!may || wanted !== undefined}
            onChange={(_event, next) => (next ? setAsking(true) : onSet(false))}
            slotProps={{ input: testAttribute }}
          />
        }
        label={t("consent.switch")}
      />
      <Recorded said={said} />
      {error && <ErrorNote error={error} />}
      <ConfirmDialog
        open={asking}
        duty
        title={t("consent.askTitle", { name: patient.full_name })}
        text={t("consent.askText")}
        yes={t("consent.askYes")}
        no={t("common.cancel")}
        onNo={() => setAsking(false)}
        onYes={() => {
          setAsking(false);
          onSet(true);
        }}
      />
    </Box>
  );
}

function Recorded({ said }: { said: Patient["cloud_consent"] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Box role="status" data-testid={testIds.consentRecorded} sx={{ overflowWrap: "anywhere" }}>
      {said ? (
        <>
          <strong>{t(said.given ? "consent.given" : "consent.notGiven")}</strong>{" "}
          <Box component="span" sx={{ color: "text.secondary" }}>
            {said.by
              ? t("consent.recorded", { name: said.by, when: format.dateTime(said.at) })
              : t("consent.recordedAt", { when: format.dateTime(said.at) })}
          </Box>
        </>
      ) : (
        <Box component="span" sx={{ color: "text.secondary" }}>
          {t("consent.notAsked")}
        </Box>
      )}
    </Box>
  );
}
