import Button from "@mui/material/Button";
import { testIds } from "../design/testIds";
import { useSetPreferences } from "../ipc/queries";
import { useLanguage } from "./LookProvider";

/** Names the other language in that language, so that whoever needs it can read it. */
export function LanguageSwitch() {
  const language = useLanguage();
  const set = useSetPreferences();
  const other = language === "vi" ? "en" : "vi";
  return (
    <Button
      variant="outlined"
      lang={other}
      onClick={() => set({ language: other })}
      data-testid={testIds.languageSwitch}
      sx={{ borderRadius: 99, whiteSpace: "nowrap" }}
    >
      {other === "vi" ? "Tiếng Việt" : "English"}
    </Button>
  );
}
