import Box from "@mui/material/Box";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFormat } from "../../design/format";
import { syncLook, toneColours } from "../../design/SyncLook";
import { testIds } from "../../design/testIds";
import { target } from "../../design/tokens";
import { useSyncStatus } from "../../ipc/queries";
import { countOf, saidOf } from "./said";

/** How far everything has come, in one word and always in sight. What is not known now is not shown as it was before. */
export function SyncChip() {
  const { t } = useTranslation();
  const format = useFormat();
  const status = useSyncStatus();
  const known = status.error ? undefined : status.data;
  const unknown = status.error ? "unknown" : "asking";
  const state = known?.overall ?? unknown;
  const { tone, Icon } = syncLook(known?.overall ?? "unknown");
  const count = known ? countOf(known) : 0;
  const said = known ? saidOf(known) : unknown;
  const words = { count, n: format.number(count) };
  const full = t(`syncChip.full.${said}`, words);
  const short = t(`syncChip.short.${said}`, words);
  return (
    <Box role="status" data-testid={testIds.savedHere} data-state={state} data-tone={tone}>
      <Box
        component={Link}
        to="/sync"
        // Whichever of the two is shown, a name holds what is read.
        aria-label={full.includes(short) ? full : `${short}: ${full}`}
        title={full}
        sx={{
          display: "inline-flex",
          alignItems: "center",
          gap: 0.75,
          px: { xs: 1, sm: 1.5 },
          minHeight: target,
          minWidth: target,
          maxWidth: { xs: 104, sm: "none" },
          borderRadius: 99,
          border: 1,
          ...toneColours(tone),
          fontSize: { xs: "0.75rem", sm: "0.8125rem" },
          lineHeight: 1.2,
          fontWeight: 600,
          textDecoration: "none",
          whiteSpace: { sm: "nowrap" },
        }}
      >
        <Icon sx={{ fontSize: 18, flex: "none" }} />
        <Box component="span" sx={{ display: { xs: "inline", md: "none" } }}>
          {short}
        </Box>
        <Box component="span" sx={{ display: { xs: "none", md: "inline" } }}>
          {full}
        </Box>
      </Box>
    </Box>
  );
}
