import Box from "@mui/material/Box";
import { useTranslation } from "react-i18next";
import { Choice } from "../../design/Choice";
import { Panel } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import type { Theme } from "../../ipc/bindings";
import { usePreferences, useSetPreferences } from "../../ipc/queries";

const LANGUAGES = [
  { value: "vi", label: "Tiếng Việt", testId: `${testIds.settingsLanguage}-vi` },
  { value: "en", label: "English", testId: `${testIds.settingsLanguage}-en` },
] satisfies { value: "vi" | "en"; label: string; testId: string }[];
const SOUND: ("on" | "off")[] = ["on", "off"];
const THEMES: Theme[] = ["system", "light", "dark"];

export function AppearancePanel({ language }: { language: "vi" | "en" }) {
  const { t } = useTranslation();
  const preferences = usePreferences();
  const set = useSetPreferences();
  return (
    <Panel title={t("settings.appearance")} id="appearance">
      <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: { xs: "1fr", sm: "1fr 1fr" } }}>
        <Choice
          label={t("settings.language")}
          value={language}
          options={LANGUAGES}
          onChange={(next) => set({ language: next })}
        />
        <Choice
          label={t("settings.theme")}
          value={preferences.data?.theme ?? "system"}
          options={THEMES.map((theme) => ({
            value: theme,
            label: t(`theme.${theme}`),
            testId: `${testIds.settingsTheme}-${theme}`,
          }))}
          onChange={(theme) => set({ theme })}
        />
        <Choice
          label={t("settings.urgentSound")}
          value={preferences.data?.urgent_sound === false ? "off" : "on"}
          options={SOUND.map((value) => ({
            value,
            label: t(`settings.${value}`),
            testId: `${testIds.settingsUrgentSound}-${value}`,
          }))}
          onChange={(value) => set({ urgent_sound: value === "on" })}
        />
      </Box>
    </Panel>
  );
}
