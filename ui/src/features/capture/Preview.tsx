import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import ButtonBase from "@mui/material/ButtonBase";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { OutlineLayer } from "../../design/OutlineLayer";
import { StagedThumb } from "../../design/PhotoThumb";
import { testIds } from "../../design/testIds";
import { photoGround } from "../../design/tokens";
import type { Outline } from "../../ipc/bindings";

/** Corners are shares of the picture already. */
const shares = { width: 1, height: 1 };

/** The whole photo as it will be kept, small beside its name and large on demand: is it sharp, is it the right spot? */
export function Preview({ src, name, outline }: { src: string; name: string; outline: Outline | null }) {
  const { t } = useTranslation();
  const [large, setLarge] = useState(false);
  return (
    <>
      <ButtonBase
        onClick={() => setLarge(true)}
        aria-label={t("capture.enlarge", { name })}
        data-testid={testIds.stagedEnlarge}
        sx={{ display: "block", width: "100%", cursor: "zoom-in" }}
      >
        <StagedThumb src={src} alt={t("capture.preview")} whole />
      </ButtonBase>
      <Dialog open={large} onClose={() => setLarge(false)} maxWidth="lg" slotProps={{ paper: { "aria-label": name } }}>
        <Box sx={{ bgcolor: photoGround, display: "grid", placeItems: "center", minHeight: 0 }}>
          <Box sx={{ position: "relative", display: "grid", minHeight: 0 }}>
            <Box
              component="img"
              src={src}
              alt={t("capture.preview")}
              sx={{ display: "block", maxWidth: "100%", maxHeight: "calc(100dvh - 220px)" }}
            />
            <OutlineLayer outline={outline} size={shares} />
          </Box>
        </Box>
        <DialogActions sx={{ p: 1.5, justifyContent: "space-between", gap: 1 }}>
          <Box sx={{ minWidth: 0, overflowWrap: "anywhere" }}>
            {name}
            <Box sx={{ color: "text.secondary", fontSize: "0.875rem" }}>
              {t(outline ? "capture.outlined" : "capture.notOutlined")}
            </Box>
          </Box>
          <Button variant="contained" autoFocus onClick={() => setLarge(false)} data-testid={testIds.stagedShrink}>
            {t("capture.close")}
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}
