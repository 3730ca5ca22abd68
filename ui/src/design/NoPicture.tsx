import Box from "@mui/material/Box";
import { useTranslation } from "react-i18next";
import type { UiCode } from "../ipc/failure";
import { type Told, useFailureWords } from "./ErrorNote";
import { CameraIcon } from "./icons";
import { testIds } from "./testIds";
import { photoGround } from "./tokens";

/** In other places these speak of what is sent from here, not of what is to come. */
const OF_PICTURES = ["centre_unreachable", "centre_refuses", "not_connected"] as const;
const isOfPictures = (code: UiCode): code is (typeof OF_PICTURES)[number] => OF_PICTURES.some((one) => one === code);

/** Why a picture is not shown, for whoever wants to see it. */
export function usePictureWords() {
  const { t } = useTranslation();
  const words = useFailureWords();
  return (error: Told) => (isOfPictures(error.code) ? t(`photo.why.${error.code}`) : words(error));
}

/** Where a picture would be that is not here yet, or can't be shown just now: nothing is wrong with the photo. */
export function NoPicture({ why, ratio }: { why?: Told; ratio?: string }) {
  const { t } = useTranslation();
  const words = usePictureWords();
  const said = why ? words(why) : t("photo.elsewhere");
  return (
    <Box
      role="img"
      aria-label={said}
      title={said}
      data-testid={testIds.noPicture}
      sx={{
        aspectRatio: ratio,
        height: ratio ? undefined : "100%",
        display: "grid",
        placeItems: "center",
        bgcolor: photoGround,
        color: "#d5d9e0",
        borderRadius: "inherit",
      }}
    >
      <CameraIcon />
    </Box>
  );
}
