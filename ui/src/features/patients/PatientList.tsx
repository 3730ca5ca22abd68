import Box from "@mui/material/Box";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFormat } from "../../design/format";
import { Initials } from "../../design/Initials";
import { PatientFacts } from "../../design/PatientBanner";
import { RiskBadge } from "../../design/RiskBadge";
import { useScrollArea } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import type { PatientRow } from "../../ipc/bindings";

const ROW = 76;

export function PatientList({ rows, purpose }: { rows: PatientRow[]; purpose: "open" | "new_photo" }) {
  const { t } = useTranslation();
  const scrollArea = useScrollArea();
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop(list.current?.offsetTop ?? 0), []);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scrollArea,
    estimateSize: () => ROW,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 8,
    scrollMargin: top,
  });
  return (
    <Box
      component="ul"
      ref={list}
      aria-label={t("patients.title")}
      data-testid={testIds.patientList}
      sx={{
        m: 0,
        p: 0,
        listStyle: "none",
        position: "relative",
        bgcolor: "background.paper",
        border: 1,
        borderColor: "line",
        borderRadius: 2,
        overflow: "hidden",
      }}
      style={{ height: virtual.getTotalSize() + 2 }}
    >
      {virtual.getVirtualItems().map((item) => {
        const patient = rows[item.index];
        return (
          patient && (
            <Box
              component="li"
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              aria-setsize={rows.length}
              aria-posinset={item.index + 1}
              sx={{ position: "absolute", insetInline: 0, top: 0 }}
              style={{ transform: `translateY(${item.start - top}px)` }}
            >
              <Row
                patient={patient}
                to={purpose === "open" ? `/patients/${patient.id}` : `/patients/${patient.id}/new-photo`}
              />
            </Box>
          )
        );
      })}
    </Box>
  );
}

function Row({ patient, to }: { patient: PatientRow; to: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Box
      component={Link}
      to={to}
      data-testid={testIds.patientRow}
      sx={{
        display: "flex",
        flexWrap: { xs: "wrap", sm: "nowrap" },
        alignItems: "center",
        columnGap: 2,
        rowGap: 0.5,
        minHeight: ROW,
        px: 2,
        py: 1,
        color: "text.primary",
        textDecoration: "none",
        borderBottom: 1,
        borderColor: "line",
        "&:hover": { bgcolor: "action.hover" },
        "&:focus-visible": { outlineOffset: -3 },
      }}
    >
      <Initials name={patient.full_name} size={42} />
      <Box sx={{ flex: "1 1 180px", minWidth: 0 }}>
        <Box sx={{ fontWeight: 700, overflowWrap: "anywhere" }}>{patient.full_name}</Box>
        <PatientFacts patient={patient} />
      </Box>
      <Box
        sx={{
          display: "flex",
          flexWrap: "wrap",
          columnGap: 1.5,
          alignItems: "center",
          whiteSpace: "nowrap",
          flexBasis: { xs: "100%", sm: "auto" },
          pl: { xs: "58px", sm: 0 },
          fontSize: "0.875rem",
          color: "text.secondary",
        }}
      >
        {patient.worst && <RiskBadge {...patient.worst} />}
        <span>
          {patient.last_photo_at
            ? `${t("patient.photos", { count: patient.photos })} · ${format.date(patient.last_photo_at)}`
            : t("patient.noPhotos")}
        </span>
      </Box>
    </Box>
  );
}
