import createCache from "@emotion/cache";
import { CacheProvider } from "@emotion/react";
import CssBaseline from "@mui/material/CssBaseline";
import { ThemeProvider } from "@mui/material/styles";
import useMediaQuery from "@mui/material/useMediaQuery";
import { type ReactNode, useEffect, useMemo } from "react";
import type { Language } from "../design/format";
import { createSeekWellTheme } from "../design/theme";
import { usePreferences } from "../ipc/queries";
import { i18next, systemLanguage } from "./i18n/i18n";
import { styleNonce } from "./nonce";

/** Language and colours as the preferences say, at once when they change. */
export function LookProvider({ children }: { children: ReactNode }) {
  const preferences = usePreferences();
  const language = useLanguage();
  const darkSystem = useMediaQuery("(prefers-color-scheme: dark)", { noSsr: true });
  const theme = preferences.data?.theme ?? "system";
  const mode = theme === "system" ? (darkSystem ? "dark" : "light") : theme;
  const look = useMemo(() => createSeekWellTheme(mode), [mode]);
  const cache = useMemo(() => createCache({ key: "sw", nonce: styleNonce(), prepend: true }), []);
  useEffect(() => {
    void i18next.changeLanguage(language);
    document.documentElement.lang = language;
  }, [language]);
  useEffect(() => {
    document.documentElement.style.colorScheme = mode;
  }, [mode]);
  return (
    <CacheProvider value={cache}>
      <ThemeProvider theme={look} storageManager={null}>
        <CssBaseline />
        {!preferences.isPending && children}
      </ThemeProvider>
    </CacheProvider>
  );
}

export function useLanguage(): Language {
  return usePreferences().data?.language ?? systemLanguage();
}
