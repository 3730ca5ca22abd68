import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useTranslation } from "react-i18next";
import { SITES } from "../../design/bodySites";
import { useFormat } from "../../design/format";
import { RiskShape } from "../../design/RiskBadge";
import { SelectField } from "../../design/SelectField";
import { testIds } from "../../design/testIds";
import type { HistoryCounts, RiskLevel } from "../../ipc/bindings";
import { DayField } from "./DayField";
import { isFiltered, RISKS, type ShownFilter } from "./filter";

export function FilterBar({
  filter,
  counts,
  onChange,
}: {
  filter: ShownFilter;
  counts: HistoryCounts | undefined;
  onChange: (filter: ShownFilter) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const countOf = (risk: RiskLevel) => counts?.by_risk.find((one) => one.risk === risk)?.count ?? 0;
  const toggle = (risk: RiskLevel) =>
    onChange({
      ...filter,
      risks: filter.risks.includes(risk) ? filter.risks.filter((one) => one !== risk) : [...filter.risks, risk],
    });
  const nothing: ShownFilter = { risks: [], site: null, lesion: null, from: null, to: null };
  return (
    <Box
      role="group"
      aria-label={t("filter.label")}
      sx={{ display: "flex", flexWrap: "wrap", gap: 1, alignItems: "center" }}
    >
      <Chip pressed={!isFiltered(filter)} onClick={() => onChange(nothing)} testId={testIds.filterRisk("all")}>
        {t("filter.all")} {counts ? format.number(counts.total) : ""}
      </Chip>
      {RISKS.filter((risk) => countOf(risk) > 0 || filter.risks.includes(risk)).map((risk) => (
        <Chip
          key={risk}
          pressed={filter.risks.includes(risk)}
          onClick={() => toggle(risk)}
          testId={testIds.filterRisk(risk)}
        >
          <RiskShape risk={risk} /> {t(`risk.${risk}`)} {format.number(countOf(risk))}
        </Chip>
      ))}
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>
        <SelectField
          label={t("filter.site")}
          hideLabel
          testId={testIds.filterSite}
          value={filter.site ?? ""}
          onChange={(site) => onChange({ ...filter, site: SITES.find((known) => known === site) ?? null })}
          options={[
            { value: "", label: t("filter.anySite") },
            ...SITES.map((site) => ({ value: site, label: t(`site.${site}`) })),
          ]}
        />
        <Box sx={{ display: "flex", gap: 1 }}>
          <DayField
            label={t("filter.from")}
            testId={testIds.filterFrom}
            day={filter.from}
            onDay={(from) => onChange({ ...filter, from })}
          />
          <DayField
            label={t("filter.to")}
            testId={testIds.filterTo}
            day={filter.to}
            onDay={(to) => onChange({ ...filter, to })}
          />
        </Box>
      </Box>
    </Box>
  );
}

function Chip({
  pressed,
  onClick,
  testId,
  children,
}: {
  pressed: boolean;
  onClick: () => void;
  testId: string;
  children: React.ReactNode;
}) {
  return (
    <Button
      variant="outlined"
      aria-pressed={pressed}
      onClick={onClick}
      data-testid={testId}
      sx={{
        borderRadius: 99,
        px: 1.5,
        gap: 0.75,
        fontWeight: pressed ? 700 : 500,
        ...(pressed && { bgcolor: "text.primary", color: "background.paper", "&:hover": { bgcolor: "text.primary" } }),
      }}
    >
      {children}
    </Button>
  );
}
