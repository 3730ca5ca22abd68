import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "react-router";
import { ConsentSwitch } from "../../design/ConsentSwitch";
import { Panel } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import type { Patient } from "../../ipc/bindings";
import { useIsStaff, useSetCloudConsent } from "../../ipc/queries";

/** Whether photos of this patient may be analysed online, and what that means. Links to `#consent` arrive here. */
export function ConsentPanel({ patient }: { patient: Patient }) {
  const { t } = useTranslation();
  const may = useIsStaff();
  const set = useSetCloudConsent(patient.id);
  const place = useRef<HTMLDivElement>(null);
  const meant = useLocation().hash === "#consent";
  useEffect(() => {
    if (!meant) return;
    // The screen takes the focus as it arrives; this comes after it.
    const frame = requestAnimationFrame(() => place.current?.focus());
    return () => cancelAnimationFrame(frame);
  }, [meant]);
  return (
    <Box ref={place} tabIndex={-1} data-testid={testIds.consentPanel} sx={{ borderRadius: 2 }}>
      <Panel title={t("consent.title")} id="consent-title">
        <Box sx={{ display: "grid", gap: 1 }}>
          <Typography sx={{ color: "text.secondary" }}>{t("consent.explain")}</Typography>
          <ConsentSwitch
            patient={patient}
            may={may}
            wanted={set.isPending ? set.variables : undefined}
            error={set.error}
            onSet={(given) => set.mutate(given)}
          />
          {may && !patient.cloud_consent && (
            <Box>
              <Button
                variant="outlined"
                disabled={set.isPending}
                onClick={() => set.mutate(false)}
                data-testid={testIds.consentRefuse}
              >
                {t("consent.refuse")}
              </Button>
            </Box>
          )}
          {!may && <Typography sx={{ color: "text.secondary" }}>{t("consent.notYou")}</Typography>}
        </Box>
      </Panel>
    </Box>
  );
}
