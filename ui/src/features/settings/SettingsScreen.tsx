import Box from "@mui/material/Box";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Panel, Screen } from "../../design/Screen";
import { AnalysisPanel } from "./AnalysisPanel";
import { AppearancePanel } from "./AppearancePanel";
import { DataPanel } from "./DataPanel";
import { ModelsPanel } from "./ModelsPanel";
import { RecoveryKeyPanel } from "./RecoveryKeyPanel";
import { RetentionPanel } from "./RetentionPanel";

export function SettingsScreen({
  language,
  clinic,
  centre,
}: {
  language: "vi" | "en";
  clinic: string;
  centre: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <Screen title={t("nav.settings")} width={820}>
      <Box sx={{ display: "grid", gap: 2 }}>
        <AppearancePanel language={language} />
        {centre}
        <AnalysisPanel />
        <ModelsPanel />
        <DataPanel />
        <RetentionPanel />
        <RecoveryKeyPanel />
        <Panel title={t("about.title")} id="about">
          <Box
            component="dl"
            sx={{
              m: 0,
              display: "grid",
              gridTemplateColumns: "auto 1fr",
              columnGap: 2,
              rowGap: 0.5,
              "& dd": { m: 0 },
              "& dt": { color: "text.secondary" },
            }}
          >
            <dt>{t("about.clinic")}</dt>
            <dd>{clinic}</dd>
            <dt>{t("about.version")}</dt>
            <dd>SeekWell Desktop {__SEEKWELL_VERSION__}</dd>
            <dt>{t("about.policy")}</dt>
            <dd>2026.1</dd>
          </Box>
          <Box sx={{ mt: 1.5, color: "text.secondary" }}>{t("result.disclaimer")}</Box>
        </Panel>
      </Box>
    </Screen>
  );
}
