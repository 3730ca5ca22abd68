import Box from "@mui/material/Box";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../../design/format";
import { testIds } from "../../../design/testIds";
import type { Measurements } from "../../../ipc/bindings";
import type { OutlineEdit } from "./useOutlineEdit";

const NAMES = ["diameter", "area", "asymmetry", "border", "colour"] as const;
type Name = (typeof NAMES)[number];

/** Each number as a reader has it: with its unit, and with millimetres only where there is a scale. */
function useValues() {
  const { t } = useTranslation();
  const format = useFormat();
  return (numbers: Measurements): Record<Name, string> => {
    const share = t("measure.areaValue", { percent: format.percent(numbers.area / 100, 1) });
    return {
      diameter:
        numbers.diameter_mm === null
          ? t("measure.pixels", { number: format.number(numbers.diameter_px) })
          : t("measure.mm", { number: format.number(numbers.diameter_mm, 1) }),
      area:
        numbers.area_mm2 === null
          ? share
          : `${t("measure.squareMm", { number: format.number(numbers.area_mm2, 1) })} · ${share}`,
      asymmetry: t("measure.asymmetryValue", {
        long: format.percent(numbers.asymmetry_long),
        short: format.percent(numbers.asymmetry_short),
      }),
      border: t("measure.borderValue", { number: format.number(numbers.compactness, 2) }),
      colour:
        numbers.colour_deviation === null
          ? t("measure.notMeasured")
          : t("measure.colourValue", { number: format.number(numbers.colour_deviation, 1) }),
    };
  };
}

export function MeasurementList({ numbers, waiting = false }: { numbers: Measurements; waiting?: boolean }) {
  const { t } = useTranslation();
  const values = useValues()(numbers);
  return (
    <Box
      component="dl"
      aria-busy={waiting}
      sx={{
        m: 0,
        display: "grid",
        gridTemplateColumns: "minmax(96px, auto) 1fr",
        columnGap: 2,
        rowGap: 0.5,
        opacity: waiting ? 0.6 : 1,
        "& dt": { color: "text.secondary" },
        "& dd": { m: 0, fontWeight: 600, overflowWrap: "anywhere", fontVariantNumeric: "tabular-nums" },
      }}
    >
      {NAMES.map((name) => (
        <Box key={name} sx={{ display: "contents" }}>
          <dt>{t(`measure.name.${name}`)}</dt>
          <dd data-testid={testIds.measurement(name)}>{values[name]}</dd>
        </Box>
      ))}
    </Box>
  );
}

/** The two that change most while an outline is drawn, in one line. */
export function Brief({ preview: { data, isFetching } }: { preview: OutlineEdit["preview"] }) {
  const { t } = useTranslation();
  const values = useValues();
  if (!data) return isFetching ? t("measure.measuring") : null;
  const { diameter, area } = values(data.measurements);
  return `${t("measure.name.diameter")}: ${diameter} · ${t("measure.name.area")}: ${area}`;
}

/** One sentence for each number, and who defined it. */
export function Meanings() {
  const { t } = useTranslation();
  return (
    <Box component="details" data-testid={testIds.measurementMeanings} sx={{ fontSize: "0.875rem" }}>
      <Box component="summary" sx={{ cursor: "pointer", py: 1.5, textDecoration: "underline" }}>
        {t("measure.meanings")}
      </Box>
      <Box component="dl" sx={{ m: 0, display: "grid", gap: 0.75, "& dt": { fontWeight: 600 }, "& dd": { m: 0 } }}>
        {NAMES.map((name) => (
          <div key={name}>
            <dt>{t(`measure.name.${name}`)}</dt>
            <dd>{t(`measure.meaning.${name}`)}</dd>
          </div>
        ))}
      </Box>
    </Box>
  );
}
