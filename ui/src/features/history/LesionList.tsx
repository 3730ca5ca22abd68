import Box from "@mui/material/Box";
import ButtonBase from "@mui/material/ButtonBase";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../design/format";
import { PhotoThumb } from "../../design/PhotoThumb";
import { RiskBadge } from "../../design/RiskBadge";
import { testIds } from "../../design/testIds";
import type { LesionRow } from "../../ipc/bindings";
import { usePicture } from "../../ipc/picture";
import { LesionName } from "./LesionName";

export function LesionList({
  lesions,
  chosen,
  onChoose,
}: {
  lesions: LesionRow[];
  chosen: string | null;
  onChoose: (id: string) => void;
}) {
  return (
    <Box component="ul" sx={{ m: 0, p: 0, listStyle: "none", display: "grid", gap: 0.75 }}>
      {lesions.map((lesion) => (
        // Of a long list only what is in sight is laid out and drawn.
        <Box
          component="li"
          key={lesion.id}
          sx={{ contentVisibility: chosen === lesion.id ? "visible" : "auto", containIntrinsicSize: "auto 66px" }}
        >
          <Lesion lesion={lesion} chosen={chosen === lesion.id} onChoose={onChoose} />
          {chosen === lesion.id && <LesionName lesion={lesion} />}
        </Box>
      ))}
    </Box>
  );
}

/** A row changes only with its lesion: while photos are analysed, one after the other does. */
const Lesion = memo(function Lesion({
  lesion,
  chosen,
  onChoose,
}: {
  lesion: LesionRow;
  chosen: boolean;
  onChoose: (id: string) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <ButtonBase
      aria-pressed={chosen}
      onClick={() => onChoose(lesion.id)}
      data-testid={testIds.lesionRow}
      sx={{
        width: "100%",
        justifyContent: "flex-start",
        textAlign: "left",
        gap: 1.25,
        p: 1,
        borderRadius: 2,
        border: 1,
        borderColor: chosen ? "calm.line" : "transparent",
        bgcolor: chosen ? "calm.ground" : "transparent",
        "&:hover": { bgcolor: chosen ? "calm.ground" : "action.hover" },
        // What is drawn only in sight is cut at its own edge: the mark of the focus lies inside of it.
        "&:focus-visible": { outlineOffset: -3 },
      }}
    >
      <Box sx={{ width: 48, flex: "none" }}>{lesion.last_photo_id && <Newest photoId={lesion.last_photo_id} />}</Box>
      <Box sx={{ minWidth: 0, flex: 1 }}>
        <Box
          sx={{
            display: "flex",
            flexWrap: "wrap",
            alignItems: "center",
            justifyContent: "space-between",
            columnGap: 1,
            fontWeight: 700,
          }}
        >
          {t("lesion.place", { site: t(`site.${lesion.site}`), side: t(`side.${lesion.side}`) })}
          {lesion.worst && <RiskBadge {...lesion.worst} />}
        </Box>
        {lesion.label && <Box sx={{ fontSize: "0.875rem", overflowWrap: "anywhere" }}>{lesion.label}</Box>}
        <Box sx={{ fontSize: "0.8125rem", color: "text.secondary" }}>
          {t("patient.photos", { count: lesion.photos })}
          {lesion.last_photo_at && ` · ${format.date(lesion.last_photo_at)}`}
        </Box>
      </Box>
    </ButtonBase>
  );
});

function Newest({ photoId }: { photoId: string }) {
  return <PhotoThumb picture={usePicture(photoId, "thumbnail")} ratio="1 / 1" corners="9px" />;
}
