import Box from "@mui/material/Box";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { FitIcon, MinusIcon, PlusIcon } from "../../design/icons";
import { testIds } from "../../design/testIds";
import { photoControl } from "../../design/tokens";
import { ViewerButton } from "./ViewerButton";

/** The row of buttons that lies on the photo, and what is to be said of the picture itself. */
export function ViewerControls({
  percent,
  canGoOut,
  canGoIn,
  onOut,
  onIn,
  onWhole,
  neighbours,
  said,
}: {
  /** Of the original's own pixels; null while the whole photo is in sight. */
  percent: string | null;
  canGoOut: boolean;
  canGoIn: boolean;
  onOut: () => void;
  onIn: () => void;
  onWhole: () => void;
  neighbours: ReactNode;
  said: string | null;
}) {
  const { t } = useTranslation();
  return (
    <Box
      sx={{
        position: "absolute",
        bottom: { xs: 8, md: 16 },
        left: { xs: 8, md: 16 },
        right: { xs: 8, md: 16 },
        display: "flex",
        flexWrap: "wrap",
        gap: 1,
        pointerEvents: "none",
        "& > *": { pointerEvents: "auto" },
      }}
    >
      <ViewerButton label={t("viewer.out")} testId={testIds.zoomOut} onClick={onOut} disabled={!canGoOut}>
        <MinusIcon fontSize="small" />
      </ViewerButton>
      <ViewerButton
        label={percent ? t("viewer.zoomNow", { percent }) : t("viewer.reset")}
        testId={testIds.zoomLevel}
        onClick={onWhole}
      >
        {percent ?? <FitIcon fontSize="small" />}
      </ViewerButton>
      <ViewerButton label={t("viewer.in")} testId={testIds.zoomIn} onClick={onIn} disabled={!canGoIn}>
        <PlusIcon fontSize="small" />
      </ViewerButton>
      {neighbours}
      <Box
        role="status"
        sx={{
          alignSelf: "center",
          color: "#ffffff",
          fontSize: "0.875rem",
          "&:not(:empty)": { bgcolor: photoControl, px: 1, borderRadius: 1 },
        }}
      >
        {said}
      </Box>
    </Box>
  );
}
