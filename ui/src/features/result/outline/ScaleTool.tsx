import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import type { Ref } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../../design/Field";
import { testIds } from "../../../design/testIds";
import { parseMillimetres } from "./scale";
import type { OutlineEdit } from "./useOutlineEdit";

/** How far apart the two marks are. Without it, or before they lie on a ruler, there is no scale. */
export function ScaleTool({ edit, asked, field }: { edit: OutlineEdit; asked: boolean; field: Ref<HTMLInputElement> }) {
  const { t } = useTranslation();
  const { editing, tell } = edit;
  if (!editing) return null;
  const { drawn, millimetres } = editing;
  const wrong = parseMillimetres(millimetres) === null && (asked || millimetres !== "");
  return (
    <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "start", columnGap: 2, rowGap: 1 }}>
      <Box sx={{ width: 260, maxWidth: "100%" }}>
        <Field
          label={t("outline.millimetres")}
          testId={testIds.outlineMillimetres}
          error={wrong ? t("outline.millimetresInvalid") : null}
          inputRef={field}
          inputProps={{ inputMode: "decimal" }}
          value={millimetres}
          onChange={(event) => tell({ do: "type", millimetres: event.target.value })}
        />
      </Box>
      <Box role="status" sx={{ alignSelf: "center", flex: "1 1 160px", fontSize: "0.875rem" }}>
        {t(
          drawn.scale.of === "ruler"
            ? "outline.scalePlaced"
            : drawn.scale.of === "kept"
              ? "outline.scaleKept"
              : "outline.scaleNotYet",
        )}
      </Box>
      {drawn.scale.of !== "none" && (
        <Button
          variant="outlined"
          onClick={() => tell({ do: "no_scale" })}
          data-testid={testIds.outlineScaleRemove}
          sx={{ alignSelf: "center" }}
        >
          {t("outline.removeScale")}
        </Button>
      )}
    </Box>
  );
}
