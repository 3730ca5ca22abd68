import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useTranslation } from "react-i18next";
import { ErrorNote } from "../../design/ErrorNote";
import { localDay } from "../../design/format";
import { testIds } from "../../design/testIds";
import { useExportSyncReport } from "../../ipc/queries";
import { pickReportPath } from "../../ipc/report";

/** Writes what waits and why into a file for technical support. */
export function ReportButton() {
  const { t } = useTranslation();
  const report = useExportSyncReport();
  const pick = async () => {
    const path = await pickReportPath(t("sync.reportKind"), `seekwell-${localDay(new Date().toISOString())}.json`);
    if (path) report.mutate(path);
  };
  return (
    <>
      <Button
        variant="outlined"
        disabled={report.isPending}
        onClick={() => void pick()}
        data-testid={testIds.syncReport}
      >
        {report.isPending ? t("sync.reporting") : t("sync.report")}
      </Button>
      <Box role="status" data-testid={testIds.syncReportDone} sx={{ alignSelf: "center", color: "text.secondary" }}>
        {report.isSuccess && t("sync.reported")}
      </Box>
      {report.error && (
        <Box sx={{ flexBasis: "100%" }}>
          <ErrorNote error={report.error} />
        </Box>
      )}
    </>
  );
}
