import Box from "@mui/material/Box";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Picture } from "../ipc/picture";
import { AlertIcon } from "./icons";
import { NoPicture } from "./NoPicture";
import { testIds } from "./testIds";
import { photoGround } from "./tokens";

type Look = {
  alt?: string;
  ratio?: string;
  /** Lies in its box, instead of filling it. */
  whole?: boolean;
  /** As CSS has them. */
  corners?: string;
};

/** A kept photo's small picture. Where there is none it says why, in red only where the photo's file is damaged. */
export function PhotoThumb({ picture, ...look }: Look & { picture: Picture }) {
  const { src, nth, broken, failure, onError } = picture;
  return (
    <Place {...look}>
      {!broken && <Small key={nth} src={src} onError={onError} {...look} />}
      {failure && (failure.code === "photo_damaged" ? <Unreadable /> : <NoPicture why={failure} />)}
    </Place>
  );
}

/** The small picture of a photo that is not kept yet: its bytes are in memory, so nothing but the picture can be at fault. */
export function StagedThumb({ src, ...look }: Look & { src: string }) {
  const [broken, setBroken] = useState<string | null>(null);
  return (
    <Place {...look}>
      {broken === src ? <Unreadable /> : <Small src={src} onError={() => setBroken(src)} {...look} />}
    </Place>
  );
}

/**
 * Its corners are drawn round, not cut round by a box around it: where there is no graphics processor, that cut takes half of
 * the time of a frame.
 */
function Place({ ratio = "4 / 3", whole = false, corners, children }: Look & { children: ReactNode }) {
  return (
    <Box
      sx={{
        aspectRatio: ratio,
        bgcolor: whole ? photoGround : "action.hover",
        position: "relative",
        borderRadius: corners,
      }}
    >
      {children}
    </Box>
  );
}

function Small({ src, alt = "", whole = false, onError }: Look & { src: string; onError: () => void }) {
  return (
    <Box
      component="img"
      src={src}
      alt={alt}
      decoding="async"
      draggable={false}
      onError={onError}
      sx={{
        display: "block",
        width: "100%",
        height: "100%",
        objectFit: whole ? "contain" : "cover",
        borderRadius: "inherit",
      }}
    />
  );
}

function Unreadable() {
  const { t } = useTranslation();
  return (
    <Box
      role="img"
      aria-label={t("photo.unreadable")}
      data-testid={testIds.unreadablePhoto}
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
  );
}
