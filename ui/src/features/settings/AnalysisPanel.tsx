import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";
import { FactList } from "../../design/FactList";
import { Loaded, RowsSkeleton } from "../../design/Loaded";
import { Panel } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import { useAnalysisSettings } from "../../ipc/analysing";
import type { AnalysisSettings } from "../../ipc/bindings";
import { useRole } from "../../ipc/queries";
import { AnalysisForm } from "./AnalysisForm";

/** Who analyses: models on this machine, online analysis, and who is asked first. An administrator decides; others see it. */
export function AnalysisPanel() {
  const { t } = useTranslation();
  const settings = useAnalysisSettings();
  const admin = useRole() === "ADMIN";
  return (
    <Panel title={t("analysing.title")} id="analysing">
      <Box data-testid={testIds.spacePanel} sx={{ display: "grid", gap: 2 }}>
        <Typography sx={{ color: "text.secondary" }}>{t("analysing.explain")}</Typography>
        <Loaded query={settings} skeleton={<RowsSkeleton rows={3} height={44} />}>
          {(saved) => (admin ? <AnalysisForm saved={saved} /> : <Shown saved={saved} />)}
        </Loaded>
      </Box>
    </Panel>
  );
}

function Shown({ saved }: { saved: AnalysisSettings }) {
  const { t } = useTranslation();
  const facts: [string, string][] = [[t("analysing.address"), saved.space_url ?? t("analysing.notSet")]];
  if (saved.space_url) {
    facts.push([t("analysing.token"), t(saved.has_token ? "analysing.tokenIsKept" : "analysing.tokenIsNone")]);
    facts.push([t("analysing.prefer"), t(`analysing.${saved.prefer}`)]);
  }
  return (
    <>
      <FactList facts={facts} />
      <Typography>{t("analysing.notYou")}</Typography>
    </>
  );
}
