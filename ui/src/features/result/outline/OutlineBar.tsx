import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorNote } from "../../../design/ErrorNote";
import { testIds } from "../../../design/testIds";
import { Brief } from "./MeasurementList";
import { ScaleTool } from "./ScaleTool";
import type { OutlineEdit } from "./useOutlineEdit";

/** Under the photo while its outline is changed: what can be done, what the numbers are so far, and the way out. */
export function OutlineBar({ edit, hadOutline }: { edit: OutlineEdit; hadOutline: boolean }) {
  const { t } = useTranslation();
  const { editing, tell, save, find, preview, changed } = edit;
  const [asked, setAsked] = useState(0);
  const distance = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (asked > 0) distance.current?.focus();
  }, [asked]);
  if (!editing) return null;
  const { tool, drawn } = editing;
  const scaled = drawn.scale.of !== "none";
  const onSave = () => {
    if (edit.scaleInvalid) {
      tell({ do: "tool", tool: "ruler" });
      setAsked((times) => times + 1);
    } else edit.keep();
  };
  return (
    <Box
      role="group"
      aria-label={t("outline.editing")}
      data-testid={testIds.outlineBar}
      sx={{
        bgcolor: "background.paper",
        borderTop: 1,
        borderColor: "line",
        p: { xs: 1.5, md: 2 },
        // In a low window the photo keeps its share.
        maxHeight: { md: "60%" },
        overflow: { md: "auto" },
        display: "grid",
        gap: 1,
      }}
    >
      <Box id="outline-how" sx={{ fontSize: "0.875rem" }}>
        {t(tool === "ruler" ? "outline.rulerHow" : "outline.how")}
      </Box>
      {tool === "ruler" && <ScaleTool edit={edit} asked={asked > 0} field={distance} />}
      <Box role="status" sx={{ fontSize: "0.875rem", color: "text.secondary", minHeight: "1.4em" }}>
        {find.isPending && t("outline.finding")}
        {find.data === null && t("outline.nothingFound")}
        {!find.isPending && find.data !== null && <Brief preview={preview} />}
      </Box>
      <Failed edit={edit} />
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>
        {tool === "outline" && (
          <>
            <Step off={!changed} onClick={() => tell({ do: "undo" })} testId={testIds.outlineUndo}>
              {t("outline.undo")}
            </Step>
            <Step off={find.isPending} onClick={edit.findAgain} testId={testIds.outlineFind}>
              {t(hadOutline ? "outline.findAgain" : "outline.find")}
            </Step>
          </>
        )}
        <Button
          variant="outlined"
          aria-expanded={tool === "ruler"}
          onClick={() => tell({ do: "tool", tool: tool === "ruler" ? "outline" : "ruler" })}
          data-testid={testIds.outlineScale}
        >
          {t(tool === "ruler" ? "outline.backToOutline" : scaled ? "outline.changeScale" : "outline.giveScale")}
        </Button>
        <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1, ml: "auto" }}>
          <Button variant="outlined" onClick={edit.stop} data-testid={testIds.outlineCancel}>
            {t("common.cancel")}
          </Button>
          <Step main off={!changed || save.isPending} onClick={onSave} testId={testIds.outlineSave}>
            {t(save.isPending ? "outline.saving" : "outline.save")}
          </Step>
        </Box>
      </Box>
    </Box>
  );
}

/** The first that went wrong, in words, with a way out where trying again is one. */
function Failed({ edit: { save, find, preview, findAgain, keep } }: { edit: OutlineEdit }) {
  if (save.error) return <ErrorNote error={save.error} {...retry(save.error.code, keep)} />;
  if (find.error) return <ErrorNote error={find.error} {...retry(find.error.code, findAgain)} />;
  if (preview.error) return <ErrorNote error={preview.error} {...retry(preview.error.code, preview.refetch)} />;
  return null;
}

/** What the hand drew is not right: trying the same again is no way out. */
function retry(code: string, again: () => unknown) {
  return code === "outline_invalid" || code === "scale_invalid" ? {} : { onRetry: () => void again() };
}

/** A button that keeps the keyboard's focus while it can't be used. */
function Step({
  off,
  main = false,
  onClick,
  testId,
  children,
}: {
  off: boolean;
  main?: boolean;
  onClick: () => void;
  testId: string;
  children: string;
}) {
  return (
    <Button
      variant={main ? "contained" : "outlined"}
      aria-disabled={off || undefined}
      onClick={off ? undefined : onClick}
      data-testid={testId}
      sx={off ? { opacity: 0.55, cursor: "default" } : null}
    >
      {children}
    </Button>
  );
}
