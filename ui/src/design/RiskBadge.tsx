import Box from "@mui/material/Box";
import { useTheme } from "@mui/material/styles";
import { useTranslation } from "react-i18next";
import type { RiskLevel } from "../ipc/bindings";
import { riskColours } from "./tokens";

/** A shape for each level, so that colour never speaks alone. Drawn in a box of 10 × 10 around 0,0. */
export const riskPath: Record<RiskLevel, string> = {
  URGENT: "M0-5L5.600 4.500H-5.600Z",
  HIGH: "M0-5.600L5.600 0L0 5.600L-5.600 0Z",
  MEDIUM: "M-4.500-4.500H4.500V4.500H-4.500Z",
  LOW: "M-4.800 0A4.800 4.800 0 1 0 4.800 0A4.800 4.800 0 1 0-4.800 0Z",
  UNCERTAIN: "",
};

export function RiskShape({
  risk,
  size = 12,
  colour = "currentColor",
}: {
  risk: RiskLevel;
  size?: number;
  colour?: string;
}) {
  return (
    <svg width={size} height={size} viewBox="-6 -6 12 12" aria-hidden="true" focusable="false">
      {risk === "UNCERTAIN" ? (
        <text y="4.600" textAnchor="middle" fontSize="13" fontWeight="700" fill={colour}>
          ?
        </text>
      ) : (
        <path d={riskPath[risk]} fill={colour} />
      )}
    </svg>
  );
}

/** A risk that a demo model gave is never without its mark. */
export function RiskBadge({ risk, demo = false }: { risk: RiskLevel; demo?: boolean }) {
  const { t } = useTranslation();
  if (!demo) return <Badge risk={risk} />;
  return (
    <Box component="span" sx={{ display: "inline-grid", justifyItems: "start" }}>
      <Badge risk={risk} />
      <Box component="span" sx={{ fontSize: "0.75rem", color: "hint.text", fontWeight: 600, whiteSpace: "normal" }}>
        {t("result.demoShort")}
      </Box>
    </Box>
  );
}

function Badge({ risk }: { risk: RiskLevel }) {
  const { t } = useTranslation();
  const colours = riskColours[useTheme().palette.mode][risk];
  return (
    <Box
      component="span"
      sx={{
        display: "inline-flex",
        alignItems: "center",
        gap: 0.75,
        px: 1,
        py: 0.25,
        borderRadius: 1,
        fontSize: "0.8125rem",
        fontWeight: 700,
        whiteSpace: "nowrap",
        textTransform: "uppercase",
        bgcolor: colours.ground,
        color: colours.text,
      }}
    >
      <RiskShape risk={risk} size={11} />
      {t(`risk.${risk}`)}
    </Box>
  );
}
