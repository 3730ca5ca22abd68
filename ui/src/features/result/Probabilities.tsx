import Box from "@mui/material/Box";
import { useTheme } from "@mui/material/styles";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../design/format";
import { testIds } from "../../design/testIds";
import { riskColours } from "../../design/tokens";
import type { AnalysisDone } from "../../ipc/bindings";

export function Probabilities({ analysis }: { analysis: AnalysisDone }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { palette } = useTheme();
  const colour = riskColours[palette.mode][analysis.risk].text;
  return (
    <Box component="ul" sx={{ m: 0, p: 0, listStyle: "none", display: "grid", gap: 0.75 }}>
      {analysis.probabilities.map((one, nth) => (
        <Box
          component="li"
          key={one.class}
          data-testid={testIds.probability}
          data-class={one.class}
          sx={{
            display: "grid",
            gridTemplateColumns: "minmax(0, 1.15fr) minmax(60px, 1fr) 58px",
            alignItems: "center",
            gap: 1.25,
            fontWeight: nth === 0 ? 700 : 400,
          }}
        >
          <span>
            {t(`class.${one.class}`)} ({one.class})
          </span>
          <Box aria-hidden="true" sx={{ height: 9, borderRadius: 99, bgcolor: "line", overflow: "hidden" }}>
            <Box
              sx={{ height: "100%", borderRadius: 99, bgcolor: nth === 0 ? colour : "control" }}
              style={{ width: `${one.probability * 100}%` }}
            />
          </Box>
          <Box component="span" sx={{ textAlign: "right", fontVariantNumeric: "tabular-nums" }}>
            {format.percent(one.probability)}
          </Box>
        </Box>
      ))}
    </Box>
  );
}

/** In a word: how sure the model is of the class that comes first. */
export function Confidence({ analysis }: { analysis: AnalysisDone }) {
  const { t } = useTranslation();
  const format = useFormat();
  const value = t("fact.confidenceValue", {
    word: t(`confidence.${analysis.confidence_word}`),
    number: format.number(analysis.confidence, 2),
  });
  return (
    <Box sx={{ mt: 1 }}>
      {t("fact.confidence")}: <strong>{value}</strong>
    </Box>
  );
}
