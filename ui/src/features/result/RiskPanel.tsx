import Box from "@mui/material/Box";
import { useTheme } from "@mui/material/styles";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../design/format";
import { AlertIcon } from "../../design/icons";
import { RiskShape } from "../../design/RiskBadge";
import { testIds } from "../../design/testIds";
import { riskColours } from "../../design/tokens";
import type { AnalysisDone, HistoryEntry } from "../../ipc/bindings";
import { ruleNumbers } from "./ruleWords";

/** The verdict: word, shape and colour, which rule spoke and with which numbers, and by when somebody should look. */
export function RiskPanel({ analysis, entry }: { analysis: AnalysisDone; entry: HistoryEntry }) {
  const { t } = useTranslation();
  const format = useFormat();
  const colours = riskColours[useTheme().palette.mode][analysis.risk];
  const { about, share, digits, threshold } = ruleNumbers(analysis);
  const rule = t(`rule.${analysis.rule}`, {
    name: t(`class.${about}`),
    percent: format.percent(share, digits),
    threshold: format.percent(threshold),
    policy: analysis.policy,
    risk: t(`risk.${analysis.risk}`),
    site: t(`site.${entry.site}`).toLocaleLowerCase(),
  });
  return (
    <Box
      data-testid={testIds.resultRisk}
      data-risk={analysis.risk}
      sx={{ display: "flex", gap: 2, p: 2, borderRadius: 2, bgcolor: colours.ground, color: colours.text }}
    >
      <Box sx={{ flex: "none", pt: 0.25 }}>
        <RiskShape risk={analysis.risk} size={30} />
      </Box>
      <Box>
        <Typography variant="h1" component="h2">
          {t(`risk.${analysis.risk}`)}
        </Typography>
        <Box>
          {rule} {analysis.review && t("result.needsReview", { count: analysis.follow_up_days })}
        </Box>
      </Box>
    </Box>
  );
}

export function DemoMark() {
  const { t } = useTranslation();
  return (
    <Box
      data-testid={testIds.demoMark}
      role="note"
      sx={{
        display: "flex",
        gap: 1,
        alignItems: "center",
        p: 1.5,
        borderRadius: 2,
        border: "3px solid",
        borderColor: "hint.text",
        bgcolor: "hint.ground",
        color: "hint.text",
        fontWeight: 700,
      }}
    >
      <AlertIcon /> {t("result.demo")}
    </Box>
  );
}
