import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../../design/format";
import { Announce } from "../../../design/Screen";
import { testIds } from "../../../design/testIds";
import type { PhotoMeasured } from "../../../ipc/bindings";
import { Meanings, MeasurementList } from "./MeasurementList";
import type { OutlineEdit } from "./useOutlineEdit";

/** What can be counted on the photo, who drew the line around it, and the way to draw a better one. */
export function MeasurementsPart({ measured, edit }: { measured: PhotoMeasured | null; edit: OutlineEdit }) {
  const { t } = useTranslation();
  const { editing, mayEdit, preview, save, start } = edit;
  const shown = editing ? preview.data : measured;
  const button = useRef<HTMLButtonElement>(null);
  const was = useRef(false);
  // What was pressed to leave is gone with the bar: the keyboard goes on where it began.
  useEffect(() => {
    if (was.current && !editing) button.current?.focus({ preventScroll: true });
    was.current = editing !== null;
  }, [editing]);
  return (
    <Box sx={{ display: "grid", gap: 1, justifyItems: "start" }}>
      {editing && <Box sx={{ color: "text.secondary", fontSize: "0.875rem" }}>{t("measure.notSaved")}</Box>}
      {shown && <MeasurementList numbers={shown.measurements} waiting={editing !== null && preview.isFetching} />}
      {!editing && !measured && <Box sx={{ color: "text.secondary" }}>{t("measure.none")}</Box>}
      {!editing && measured && <Origin measured={measured} />}
      {!editing && mayEdit && (
        <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>
          <Button ref={button} variant="outlined" onClick={() => start("outline")} data-testid={testIds.outlineAdjust}>
            {t(measured ? "outline.adjust" : "outline.draw")}
          </Button>
          {measured && measured.millimetres_per_pixel === null && (
            <Button variant="outlined" onClick={() => start("ruler")} data-testid={testIds.outlineGiveScale}>
              {t("outline.giveScale")}
            </Button>
          )}
        </Box>
      )}
      <Announce text={save.isSuccess && !editing ? t("outline.saved") : ""} />
      {shown && (
        <Box sx={{ color: "text.secondary", fontSize: "0.875rem" }}>
          {t("measure.noDiagnosis")}
          <Meanings />
        </Box>
      )}
    </Box>
  );
}

function Origin({
  measured: { is_found, saved_by: name, at, version, millimetres_per_pixel },
}: {
  measured: PhotoMeasured;
}) {
  const { t } = useTranslation();
  const when = useFormat().dateTime(at);
  return (
    <Box sx={{ color: "text.secondary", fontSize: "0.875rem", overflowWrap: "anywhere" }}>
      {millimetres_per_pixel === null && <Box>{t("measure.noScale")}</Box>}
      {name === null ? t("measure.found", { when }) : t(is_found ? "measure.scaled" : "measure.drawn", { name, when })}{" "}
      · {t("measure.version", { version })}
    </Box>
  );
}
