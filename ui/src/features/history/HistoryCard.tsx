import Box from "@mui/material/Box";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFindingWords } from "../../design/Findings";
import { useFormat } from "../../design/format";
import { AttentionIcon, NoteIcon } from "../../design/icons";
import { PhotoThumb } from "../../design/PhotoThumb";
import { RiskBadge } from "../../design/RiskBadge";
import { DeliveryMark } from "../../design/SyncLook";
import { testIds } from "../../design/testIds";
import type { HistoryEntry, ItemState } from "../../ipc/bindings";
import { usePicture } from "../../ipc/picture";

/** One photo and what was said about it. A card changes only with its entry. */
export const HistoryCard = memo(function HistoryCard({
  entry,
  delivery,
}: {
  entry: HistoryEntry;
  delivery: ItemState | undefined;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const findingWords = useFindingWords();
  const { analysis } = entry;
  const picture = usePicture(entry.photo_id, "thumbnail");
  const place = t("lesion.place", { site: t(`site.${entry.site}`), side: t(`side.${entry.side}`) });
  return (
    <Box
      component={Link}
      to={`/photos/${entry.photo_id}`}
      data-testid={testIds.historyEntry}
      data-photo={entry.photo_id}
      data-state={analysis.state}
      sx={{
        display: "block",
        bgcolor: "background.paper",
        border: 1,
        // Dashes would take as long to draw as all the rest of a history, where there is no graphics processor.
        borderColor: analysis.state === "pending" ? "control" : "line",
        borderRadius: 2,
        color: "text.primary",
        textDecoration: "none",
        "&:hover": { borderColor: "primary.main" },
      }}
    >
      <PhotoThumb picture={picture} corners="11px 11px 0 0" />
      <Box sx={{ p: 1.25, display: "grid", gap: 0.25, justifyItems: "start" }}>
        {analysis.state === "done" ? (
          <>
            <RiskBadge risk={analysis.risk} />
            <Box sx={{ fontWeight: 700, mt: 0.5 }}>
              {t("result.classPercent", {
                name: t(`class.${analysis.top_class}`),
                percent: format.percent(analysis.confidence),
              })}
            </Box>
            {analysis.demo && (
              <Box sx={{ fontSize: "0.8125rem", color: "hint.text", fontWeight: 600 }}>{t("result.demoShort")}</Box>
            )}
          </>
        ) : (
          <Box sx={{ fontWeight: 600, color: "text.secondary" }}>{t(`pending.${analysis.reason}.short`)}</Box>
        )}
        <Box sx={{ color: "text.secondary", fontSize: "0.8125rem" }}>
          {place} · {format.time(entry.taken_at)}
          {entry.lesion_label && <Box sx={{ overflowWrap: "anywhere" }}>{entry.lesion_label}</Box>}
        </Box>
        {entry.findings.length > 0 && (
          <Box
            data-testid={testIds.historyFindings}
            sx={{ display: "flex", gap: 0.5, color: "text.secondary", fontSize: "0.8125rem" }}
          >
            <AttentionIcon sx={{ fontSize: 16, flex: "none", mt: 0.25 }} />
            {t("quality.mark", { findings: findingWords(entry.findings) })}
          </Box>
        )}
        {entry.notes > 0 && (
          <Box sx={{ display: "flex", alignItems: "center", gap: 0.5, color: "text.secondary", fontSize: "0.8125rem" }}>
            <NoteIcon sx={{ fontSize: 16 }} /> {t("note.count", { count: entry.notes })}
          </Box>
        )}
        {delivery && <DeliveryMark state={delivery} quiet />}
      </Box>
    </Box>
  );
});
