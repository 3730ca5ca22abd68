import Box from "@mui/material/Box";
import FormControlLabel from "@mui/material/FormControlLabel";
import Switch from "@mui/material/Switch";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";
import { ErrorNote } from "../../design/ErrorNote";
import { Panel } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import type { Patient } from "../../ipc/bindings";
import { useRole, useSetLegalHold } from "../../ipc/queries";

/** Nothing of this patient is deleted while it is on. Who may not decide that sees how it stands. */
export function LegalHoldPanel({ patient }: { patient: Patient }) {
  const { t } = useTranslation();
  const role = useRole();
  const set = useSetLegalHold(patient.id);
  const may = role === "ADMIN" || role === "DOCTOR";
  const on = set.isPending ? set.variables : patient.legal_hold;
  const testAttribute = { "data-testid": testIds.legalHold };
  return (
    <Panel title={t("hold.title")} id="legal-hold-title">
      <Box sx={{ display: "grid", gap: 1 }}>
        <FormControlLabel
          sx={{ minHeight: 44, mr: 0 }}
          control={
            <Switch
              checked={on}
              disabled={!may || set.isPending}
              onChange={(_event, next) => set.mutate(next)}
              slotProps={{ input: testAttribute }}
            />
          }
          label={t("hold.switch")}
        />
        <Typography sx={{ color: "text.secondary" }}>{t(may ? "hold.explain" : "hold.notYou")}</Typography>
        {set.error && <ErrorNote error={set.error} />}
      </Box>
    </Panel>
  );
}
