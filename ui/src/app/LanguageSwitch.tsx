import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { testIds } from "../design/testIds";
import { useSetPreferences } from "../ipc/queries";
import { useLanguage } from "./LookProvider";

/** Names the other language in that language, so that whoever needs it can read it. */
export function LanguageSwitch({ compact = false }: { compact?: boolean }) {
  const language = useLanguage();
  const set = useSetPreferences();
  const other = language === "vi" ? "en" : "vi";
  return (
    <Button
      variant="outlined"
      lang={other}
      aria-label={other === "vi" ? "Tiếng Việt, VI" : "English, EN"}
      onClick={() => set({ language: other })}
      data-testid={testIds.languageSwitch}
      sx={{ borderRadius: 99, minWidth: 44, px: { xs: compact ? 1 : 2, sm: 2 }, whiteSpace: "nowrap" }}
    >
      <Box component="span" sx={{ display: { xs: compact ? "none" : "inline", sm: "inline" } }}>
        {other === "vi" ? "Tiếng Việt" : "English"}
      </Box>
      {compact && (
        <Box component="span" sx={{ display: { xs: "inline", sm: "none" } }}>
          {other.toUpperCase()}
        </Box>
      )}
    </Button>
  );
}
