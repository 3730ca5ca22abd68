import Box from "@mui/material/Box";
import { useTranslation } from "react-i18next";
import { FindingList, useFindingWords } from "../../design/Findings";
import { AttentionIcon } from "../../design/icons";
import { testIds } from "../../design/testIds";
import type { PhotoQuality } from "../../ipc/bindings";

/** What a reader has to know of a photo that is not as good as it should be, and what helps the next time. */
export function PhotoQualityNote({ quality: { findings, kept_anyway } }: { quality: PhotoQuality }) {
  const { t } = useTranslation();
  const words = useFindingWords();
  return (
    <Box
      role="note"
      data-testid={testIds.photoQuality}
      sx={{ display: "flex", gap: 1, p: 1.5, pb: 0.5, borderRadius: 2, bgcolor: "hint.ground", color: "hint.text" }}
    >
      <AttentionIcon fontSize="small" sx={{ flex: "none", mt: 0.25 }} />
      <Box sx={{ minWidth: 0 }}>
        <strong>{t("quality.mark", { findings: words(findings) })}.</strong> {kept_anyway && t("quality.keptAnyway")}{" "}
        {t("quality.lessReliable")}
        <Box component="details">
          <Box component="summary" sx={{ cursor: "pointer", py: 1.5, textDecoration: "underline", fontWeight: 600 }}>
            {t("quality.nextTime")}
          </Box>
          <Box sx={{ pb: 1 }}>
            <FindingList findings={findings} />
          </Box>
        </Box>
      </Box>
    </Box>
  );
}
