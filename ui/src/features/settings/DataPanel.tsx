import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import LinearProgress from "@mui/material/LinearProgress";
import Link from "@mui/material/Link";
import { useTranslation } from "react-i18next";
import { Link as RouterLink } from "react-router";
import { ErrorNote, FailureDetails } from "../../design/ErrorNote";
import { FactList } from "../../design/FactList";
import { useFormat } from "../../design/format";
import { ShieldIcon } from "../../design/icons";
import { Loaded } from "../../design/Loaded";
import { Panel } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import type { CheckReport, StorageSummary } from "../../ipc/bindings";
import { useCheckIntegrity, useStorageSummary } from "../../ipc/storage";
import { FreeSpace } from "./FreeSpace";

export function DataPanel() {
  const { t } = useTranslation();
  const storage = useStorageSummary();
  const check = useCheckIntegrity();
  const run = () => void check.refetch({ cancelRefetch: false });
  return (
    <Panel title={t("data.title")} id="data">
      <Loaded query={storage}>{(summary) => <Summary summary={summary} />}</Loaded>
      <Box sx={{ mt: 2, display: "grid", gap: 1.5 }}>
        <Box>
          <Button
            variant="outlined"
            startIcon={<ShieldIcon />}
            disabled={check.isFetching}
            onClick={run}
            data-testid={testIds.checkIntegrity}
          >
            {check.isFetching ? t("data.checking") : t("data.check")}
          </Button>
        </Box>
        {check.isFetching && <LinearProgress aria-label={t("data.checking")} />}
        {check.error && !check.isFetching && <ErrorNote error={check.error} onRetry={run} />}
        {check.data && !check.error && !check.isFetching && (
          <Report report={check.data} at={new Date(check.dataUpdatedAt).toISOString()} />
        )}
      </Box>
      <Box sx={{ mt: 3 }}>
        <FreeSpace />
      </Box>
    </Panel>
  );
}

function Summary({ summary }: { summary: StorageSummary }) {
  const { t } = useTranslation();
  const format = useFormat();
  const facts: [string, string][] = [
    [t("data.place"), summary.data_dir],
    [t("data.photos"), `${format.number(summary.photos)} · ${format.bytes(summary.photo_bytes)}`],
    [t("data.database"), format.bytes(summary.database_bytes)],
    [t("data.models"), format.bytes(summary.model_bytes)],
    [t("data.free"), summary.free_bytes === null ? t("data.unknown") : format.bytes(summary.free_bytes)],
    [t("data.pending"), format.number(summary.pending_analyses)],
    [t("data.keyPlace"), t(`keyPlace.${summary.key_place}`)],
  ];
  return <FactList facts={facts} />;
}

function Report({ report, at }: { report: CheckReport; at: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const whole = { count: report.photos, photos: format.number(report.photos), size: format.bytes(report.bytes) };
  const checked = t("data.checked", { when: format.dateTime(at) });
  if (report.ok) {
    return (
      <Box
        role="status"
        data-testid={testIds.checkResult}
        data-ok="true"
        sx={{
          p: 1.5,
          borderRadius: 2,
          border: 1,
          bgcolor: "calm.ground",
          color: "calm.text",
          borderColor: "calm.line",
        }}
      >
        {t("data.whole", whole)} {checked}
      </Box>
    );
  }
  return (
    <Box
      role="alert"
      data-testid={testIds.checkResult}
      data-ok="false"
      sx={{
        p: 1.5,
        borderRadius: 2,
        border: 1,
        bgcolor: "fault.ground",
        color: "fault.text",
        borderColor: "fault.line",
      }}
    >
      {t("data.damaged", { count: report.damaged.length })} {checked}
      <Box component="ul" sx={{ m: 0, mt: 1, pl: 2.5 }}>
        {report.damaged.map(({ what, id, message }) => (
          <Box component="li" key={`${what} ${id}`} sx={{ overflowWrap: "anywhere" }}>
            {t(`damaged.${what}`)} <code>{id}</code>
            {what === "photo" && (
              <Link
                component={RouterLink}
                to={`/photos/${id}`}
                color="inherit"
                sx={{ ml: 1, py: 1.5, fontWeight: 700, display: "inline-block" }}
              >
                {t("data.openDamaged")}
              </Link>
            )}
            <FailureDetails
              error={{ code: what === "database" ? "database_damaged" : "photo_damaged", message, subject: null }}
            />
          </Box>
        ))}
      </Box>
    </Box>
  );
}
