import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ErrorNote } from "../../design/ErrorNote";
import { FactList } from "../../design/FactList";
import { useFormat } from "../../design/format";
import { RetryIcon } from "../../design/icons";
import { syncLook, toneColours } from "../../design/SyncLook";
import { testIds } from "../../design/testIds";
import type { SyncStatus, Trouble } from "../../ipc/bindings";
import { useRetrySync } from "../../ipc/queries";
import { ReportButton } from "./ReportButton";
import { saidOf } from "./said";

/** What ends with a new code. */
const CONNECT_ANEW: Trouble[] = ["denied", "set_back"];

/** The word for it all with what it means, how many wait since when, and what is in the way. */
export function StatePanel({ status, now }: { status: SyncStatus; now: Date }) {
  const { t } = useTranslation();
  const retry = useRetrySync();
  const { overall, trouble } = status;
  const said = saidOf(status);
  const { tone, Icon } = syncLook(overall);
  return (
    <Box
      component="section"
      aria-labelledby="sync-state"
      data-testid={testIds.syncState}
      data-state={overall}
      sx={{ border: 1, borderColor: "line", borderRadius: 2, overflow: "hidden", bgcolor: "background.paper" }}
    >
      <Box
        sx={{ display: "flex", gap: 1.5, p: { xs: 2, sm: 2.5 }, borderBottom: 1, ...toneColours(tone) }}
        role={overall === "alarm" ? "alert" : undefined}
      >
        <Icon sx={{ flex: "none", fontSize: 28 }} />
        <Box>
          <Typography variant="h2" id="sync-state">
            {t(`syncState.${said}.title`)}
          </Typography>
          <Box>{t(`syncState.${said}.text`)}</Box>
        </Box>
      </Box>
      <Box sx={{ p: { xs: 2, sm: 2.5 }, display: "grid", gap: 2 }}>
        {trouble && <TroubleNote trouble={trouble} />}
        {said === "held_back" && <SettingsLink words={t("sync.openLine")} />}
        <Facts status={status} now={now} />
        <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1, alignItems: "flex-start" }}>
          <Button
            variant="contained"
            startIcon={<RetryIcon />}
            disabled={retry.isPending}
            onClick={() => retry.mutate(undefined)}
            data-testid={testIds.syncRetry}
          >
            {retry.isPending ? t("sync.trying") : t("sync.tryNow")}
          </Button>
          <ReportButton />
        </Box>
        {retry.error && <ErrorNote error={retry.error} />}
      </Box>
    </Box>
  );
}

function TroubleNote({ trouble }: { trouble: Trouble }) {
  const { t } = useTranslation();
  return (
    <Box
      data-testid={testIds.syncTrouble}
      data-trouble={trouble}
      sx={{ pl: 1.5, borderLeft: 4, borderColor: "control", display: "grid", gap: 0.5 }}
    >
      <Box sx={{ fontWeight: 700 }}>{t(`trouble.${trouble}.what`)}</Box>
      <Box>{t(`trouble.${trouble}.todo`)}</Box>
      {CONNECT_ANEW.includes(trouble) && <SettingsLink words={t("sync.openSettings")} />}
    </Box>
  );
}

function SettingsLink({ words }: { words: string }) {
  return (
    <Box>
      <Button component={Link} to="/settings" variant="outlined">
        {words}
      </Button>
    </Box>
  );
}

function Facts({ status, now }: { status: SyncStatus; now: Date }) {
  const { t } = useTranslation();
  const format = useFormat();
  const when = (instant: string) => `${format.dateTime(instant)} (${format.ago(instant, now)})`;
  const { waiting_records, waiting_images, waiting_since, parked } = status;
  const waiting = [
    waiting_records > 0 && t("sync.records", { count: waiting_records, n: format.number(waiting_records) }),
    waiting_images > 0 && t("sync.images", { count: waiting_images, n: format.number(waiting_images) }),
  ].filter(Boolean);
  const facts: [string, string][] = [[t("sync.waiting"), waiting.join(" · ") || t("sync.nothing")]];
  if (waiting_since) facts.push([t("sync.since"), when(waiting_since)]);
  facts.push([t("sync.delivered"), status.delivered_at ? when(status.delivered_at) : t("sync.never")]);
  facts.push([t("sync.pulled"), status.pulled_at ? when(status.pulled_at) : t("sync.never")]);
  if (parked > 0) facts.push([t("sync.parked"), t("sync.parkedValue", { count: parked, n: format.number(parked) })]);
  return <FactList facts={facts} />;
}
