import Box from "@mui/material/Box";
import InputAdornment from "@mui/material/InputAdornment";
import OutlinedInput from "@mui/material/OutlinedInput";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import { SearchIcon } from "../design/icons";
import { testIds } from "../design/testIds";
import { SyncChip } from "../features/sync/SyncChip";
import { LanguageSwitch } from "./LanguageSwitch";
import { PersonMenu } from "./PersonMenu";
import { useSearchText } from "./SearchText";

export function TopBar() {
  return (
    <Box
      component="header"
      sx={{
        flex: "none",
        display: "flex",
        alignItems: "center",
        gap: 1,
        px: { xs: 1.5, sm: 3 },
        py: 0.75,
        bgcolor: "background.paper",
        borderBottom: 1,
        borderColor: "line",
      }}
    >
      <Search />
      <Box
        sx={{
          flex: "none",
          ml: "auto",
          display: "flex",
          alignItems: "center",
          gap: 1,
        }}
      >
        <SyncChip />
        <Box sx={{ display: "flex", gap: 1, alignItems: "center" }}>
          <LanguageSwitch compact />
          <PersonMenu />
        </Box>
      </Box>
    </Box>
  );
}

function Search() {
  const { t } = useTranslation();
  const { text, setText } = useSearchText();
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const listed = pathname === "/patients" || pathname === "/new-photo";
  useEffect(() => {
    const shortcut = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    window.addEventListener("keydown", shortcut);
    return () => window.removeEventListener("keydown", shortcut);
  }, []);
  // Somebody who has opened a patient has found whom they searched for.
  useEffect(() => {
    if (!listed) setText("");
  }, [listed, setText]);
  const type = (typed: string) => {
    if (!listed) navigate("/patients");
    setText(typed);
  };
  return (
    <Box role="search" sx={{ flex: "1 1 auto", maxWidth: 420, minWidth: 0 }}>
      <OutlinedInput
        fullWidth
        inputRef={input}
        type="search"
        value={text}
        onChange={(event) => type(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && setText("")}
        placeholder={t("search.placeholder")}
        startAdornment={
          <InputAdornment position="start">
            <SearchIcon fontSize="small" />
          </InputAdornment>
        }
        endAdornment={
          <Box
            component="kbd"
            aria-hidden="true"
            sx={{
              display: { xs: "none", md: "block" },
              font: "inherit",
              fontSize: "0.8125rem",
              color: "text.secondary",
              whiteSpace: "nowrap",
            }}
          >
            Ctrl K
          </Box>
        }
        inputProps={{
          "aria-label": t("search.label"),
          "aria-keyshortcuts": "Control+K",
          autoComplete: "off",
          spellCheck: false,
          "data-testid": testIds.patientSearch,
        }}
      />
    </Box>
  );
}
