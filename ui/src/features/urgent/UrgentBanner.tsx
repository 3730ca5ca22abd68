import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import IconButton from "@mui/material/IconButton";
import { useTheme } from "@mui/material/styles";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { CloseIcon } from "../../design/icons";
import { RiskShape } from "../../design/RiskBadge";
import { testIds } from "../../design/testIds";
import { riskColours } from "../../design/tokens";
import { useUrgentSummary } from "../../ipc/queries";
import { prepareSound, ring } from "./sound";
import { useArrivals } from "./useArrivals";

/**
 * Over every screen when a case comes in; `listed`: the list of them is on screen and says it itself. It lies on the top bar,
 * so that nothing moves from under a finger and whose record is open stays in sight; a narrow window has no room for that.
 */
export function UrgentBanner({ listed, sound }: { listed: boolean; sound: boolean }) {
  const { t } = useTranslation();
  const colours = riskColours[useTheme().palette.mode].URGENT;
  const { data } = useUrgentSummary();
  const { arrived, dismiss } = useArrivals(data, () => sound && ring());
  useEffect(() => (sound ? prepareSound() : undefined), [sound]);
  const seen = Boolean(arrived) && listed;
  useEffect(() => {
    if (seen) dismiss();
  });
  if (!arrived || listed) return null;
  const place = t("lesion.place", { site: t(`site.${arrived.site}`), side: t(`side.${arrived.side}`) });
  return (
    <Box
      role="alert"
      data-testid={testIds.urgentBanner}
      data-analysis={arrived.analysis_id}
      sx={{
        position: { sm: "absolute" },
        inset: "0 0 auto",
        zIndex: "appBar",
        minHeight: { sm: "100%" },
        display: "flex",
        flexWrap: { xs: "wrap", sm: "nowrap" },
        alignItems: "center",
        columnGap: 2,
        rowGap: 0.5,
        px: { xs: 2, sm: 3 },
        py: { xs: 1, sm: 0.5 },
        bgcolor: colours.ground,
        color: colours.text,
        borderBottom: 2,
        borderColor: colours.text,
      }}
    >
      <RiskShape risk="URGENT" size={20} />
      <Box sx={{ flex: "1 1 200px", minWidth: 0, overflowWrap: "anywhere" }}>
        <strong>{t("urgent.arrived", { name: arrived.patient.full_name })}</strong>
        <Box component="span"> · {place}</Box>
        {arrived.demo && <Box sx={{ fontSize: "0.8125rem", fontWeight: 600 }}>{t("result.demoShort")}</Box>}
      </Box>
      <Box sx={{ flex: "none", display: "flex", alignItems: "center", gap: 1 }}>
        <Button
          component={Link}
          to={`/photos/${arrived.photo_id}`}
          onClick={dismiss}
          variant="outlined"
          aria-label={t("urgent.resultOf", { name: arrived.patient.full_name })}
        >
          {t("urgent.result")}
        </Button>
        {/* In a narrow window the badge leads there. */}
        <Button
          component={Link}
          to="/urgent"
          color="inherit"
          sx={{ display: { xs: "none", md: "inline-flex" }, textDecoration: "underline" }}
        >
          {t("urgent.list", { count: data?.open ?? 0 })}
        </Button>
        <IconButton
          onClick={dismiss}
          aria-label={t("urgent.dismiss")}
          title={t("urgent.dismiss")}
          data-testid={testIds.urgentBannerDismiss}
          sx={{ "&&": { color: "inherit" } }}
        >
          <CloseIcon fontSize="small" />
        </IconButton>
      </Box>
    </Box>
  );
}
