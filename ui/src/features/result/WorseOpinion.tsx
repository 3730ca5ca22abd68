import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import { useTheme } from "@mui/material/styles";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../design/format";
import { RiskShape } from "../../design/RiskBadge";
import { testIds } from "../../design/testIds";
import { riskColours } from "../../design/tokens";
import type { AnalysisDone } from "../../ipc/bindings";

/** Beside the first result, never in its place: somebody else finds the lesion more worrying. */
export function WorseOpinion({
  worse,
  firstIsThere,
  onSee,
}: {
  worse: AnalysisDone;
  firstIsThere: boolean;
  onSee: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const colours = riskColours[useTheme().palette.mode][worse.risk];
  const risk = t(`risk.${worse.risk}`);
  const what = t("result.classPercent", {
    name: t(`class.${worse.top_class}`),
    percent: format.percent(worse.confidence),
  });
  return (
    <Box
      role="note"
      data-testid={testIds.opinionWorse}
      data-risk={worse.risk}
      sx={{
        display: "flex",
        gap: 1.5,
        p: 2,
        borderRadius: 2,
        border: 2,
        borderColor: colours.text,
        color: colours.text,
      }}
    >
      <Box sx={{ flex: "none", pt: 0.25 }}>
        <RiskShape risk={worse.risk} size={20} />
      </Box>
      <Box sx={{ minWidth: 0, overflowWrap: "anywhere" }}>
        <Box sx={{ fontWeight: 700 }}>{t(firstIsThere ? "opinion.worse" : "opinion.meanwhile", { risk })}</Box>
        <Box>{t("opinion.goBy", { what, name: worse.model_name, date: format.day(worse.follow_up_by) })}</Box>
        {worse.demo && <Box sx={{ color: "hint.text", fontWeight: 700 }}>{t("result.demoShort")}</Box>}
        <Link
          component="button"
          type="button"
          color="inherit"
          onClick={onSee}
          data-testid={testIds.opinionsSee}
          sx={{ minHeight: 44, mb: -1.5, fontWeight: 600, textAlign: "left" }}
        >
          {t("opinion.see")}
        </Link>
      </Box>
    </Box>
  );
}
