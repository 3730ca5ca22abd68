import Box from "@mui/material/Box";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { AlertIcon } from "./icons";
import { photoGround } from "./tokens";

/**
 * A small picture that fills its box, or lies in it `whole`; says so when the photo can't be read. Its corners are drawn round,
 * not cut round by a box around it: where there is no graphics processor, that cut takes half of the time of a frame.
 */
export function PhotoThumb({
  src,
  alt = "",
  ratio = "4 / 3",
  whole = false,
  corners,
}: {
  src: string;
  alt?: string;
  ratio?: string;
  whole?: boolean;
  /** As CSS has them. */
  corners?: string;
}) {
  const { t } = useTranslation();
  const [broken, setBroken] = useState<string | null>(null);
  return (
    <Box
      sx={{
        aspectRatio: ratio,
        bgcolor: whole ? photoGround : "action.hover",
        position: "relative",
        borderRadius: corners,
      }}
    >
      {broken === src ? (
        <Box
          role="img"
          aria-label={t("photo.unreadable")}
          sx={{
            height: "100%",
            display: "grid",
            placeItems: "center",
            bgcolor: "fault.ground",
            color: "fault.text",
            borderRadius: "inherit",
          }}
        >
          <AlertIcon fontSize="small" />
        </Box>
      ) : (
        <Box
          component="img"
          src={src}
          alt={alt}
          decoding="async"
          draggable={false}
          onError={() => setBroken(src)}
          sx={{
            display: "block",
            width: "100%",
            height: "100%",
            objectFit: whole ? "contain" : "cover",
            borderRadius: "inherit",
          }}
        />
      )}
    </Box>
  );
}
