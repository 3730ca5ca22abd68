import Box from "@mui/material/Box";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFormat } from "../../design/format";
import { LeftIcon, OutlineIcon, RightIcon } from "../../design/icons";
import { OutlineLayer } from "../../design/OutlineLayer";
import { testIds } from "../../design/testIds";
import type { PhotoDetail } from "../../ipc/bindings";
import { rulerOf } from "./outline/editing";
import { Handles } from "./outline/Handles";
import { OutlineBar } from "./outline/OutlineBar";
import type { OutlineEdit } from "./outline/useOutlineEdit";
import { PhotoViewer } from "./PhotoViewer";
import { ViewerButton } from "./ViewerButton";

/** The photo with the line around its lesion, and what changes that line. */
export function ResultPhoto({ detail, edit }: { detail: PhotoDetail; edit: OutlineEdit }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [outlined, setOutlined] = useState(true);
  const { entry, measured } = detail;
  const { editing } = edit;
  const place = t("lesion.place", { site: t(`site.${entry.site}`), side: t(`side.${entry.side}`) });
  const when = format.dateTime(entry.taken_at);
  const more = [t(`kind.${entry.kind}`), `${detail.width} × ${detail.height}`].join(" · ");
  const outline = editing ? editing.drawn.corners : outlined && measured ? measured.outline : null;
  const onKey = (event: KeyboardEvent) => {
    if (!editing) return;
    const undo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
    if (event.key === "Escape") edit.stop();
    // In a field these keys take back what was typed.
    else if (undo && !(event.target instanceof HTMLInputElement)) edit.tell({ do: "undo" });
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <Box onKeyDown={onKey} sx={{ display: "flex", flexDirection: "column", minHeight: 0, minWidth: 0 }}>
      <Box sx={{ flex: { md: "1 1 0" }, height: { xs: photoHeight(editing !== null), md: "auto" }, minHeight: 0 }}>
        <PhotoViewer
          photoId={entry.photo_id}
          width={detail.width}
          height={detail.height}
          alt={t("result.photoAlt", { place, when })}
          caption={
            <>
              {[place, entry.lesion_label, when].filter(Boolean).join(" · ")}
              <Wide> · {more}</Wide>
            </>
          }
          over={(at) => (
            <>
              <OutlineLayer
                outline={outline}
                ruler={editing?.tool === "ruler" ? rulerOf(editing) : null}
                size={edit.size}
              />
              {editing && <Handles edit={edit} place={at} />}
            </>
          )}
          neighbours={
            editing ? null : (
              <>
                {measured && (
                  <ViewerButton
                    label={t("outline.show")}
                    pressed={outlined}
                    onClick={() => setOutlined(!outlined)}
                    testId={testIds.outlineToggle}
                  >
                    <OutlineIcon fontSize="small" /> <Wide>{t("outline.title")}</Wide>
                  </ViewerButton>
                )}
                <Neighbours detail={detail} />
              </>
            )
          }
        />
      </Box>
      {editing && <OutlineBar edit={edit} hadOutline={measured !== null} />}
    </Box>
  );
}

/** In a narrow window the verdict begins above the fold; a finger that draws needs more room. */
function photoHeight(editing: boolean): string {
  return editing ? "clamp(280px, 52vh, 640px)" : "clamp(220px, 38vh, 480px)";
}

function Neighbours({ detail }: { detail: PhotoDetail }) {
  const { t } = useTranslation();
  return (
    <>
      {detail.older_id && (
        <ViewerButton
          component={Link}
          to={`/photos/${detail.older_id}`}
          replace
          label={t("viewer.older")}
          testId={testIds.olderPhoto}
        >
          <LeftIcon fontSize="small" /> <Wide>{t("viewer.olderShort")}</Wide>
        </ViewerButton>
      )}
      {detail.newer_id && (
        <ViewerButton
          component={Link}
          to={`/photos/${detail.newer_id}`}
          replace
          label={t("viewer.newer")}
          testId={testIds.newerPhoto}
        >
          <Wide>{t("viewer.newerShort")}</Wide> <RightIcon fontSize="small" />
        </ViewerButton>
      )}
    </>
  );
}

function Wide({ children }: { children: ReactNode }) {
  return (
    <Box component="span" sx={{ display: { xs: "none", sm: "inline" } }}>
      {children}
    </Box>
  );
}
