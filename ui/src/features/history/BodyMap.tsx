import Box from "@mui/material/Box";
import { useTheme } from "@mui/material/styles";
import { useTranslation } from "react-i18next";
import { riskPath } from "../../design/RiskBadge";
import { testIds } from "../../design/testIds";
import { riskColours, riskHue } from "../../design/tokens";
import type { BodySite, LesionRow } from "../../ipc/bindings";

const MIDDLE = 60;
/** Distance from the body's middle and height of each site on a figure of 120 × 268. */
const PLACES: Record<Exclude<BodySite, "other">, { out: number; y: number }> = {
  face: { out: 8, y: 28 },
  neck: { out: 6, y: 53 },
  chest: { out: 14, y: 84 },
  back: { out: 14, y: 96 },
  arms: { out: 36, y: 112 },
  hands: { out: 48, y: 150 },
  abdomen: { out: 12, y: 126 },
  legs: { out: 12, y: 200 },
  feet: { out: 13, y: 249 },
  genitals: { out: 5, y: 150 },
};
/** Lesions at one place stand around it. */
const BESIDE = [
  [0, 0],
  [11, 0],
  [-11, 0],
  [0, 12],
  [0, -12],
  [11, 12],
  [-11, 12],
  [11, -12],
  [-11, -12],
] as const;
const BODY =
  "M60 6c11 0 18 9 18 20 0 9-4 16-9 19v8c10 4 20 5 24 13 5 12 7 32 10 50 2 12 5 24 8 34 1 6-5 10-9 6-6-12-12-27-16-42-2-8-3-14-5-20 0 14 1 26 2 36 3 22 3 44 0 66-2 16-3 34-3 48 4 6 6 10 2 14H66c-2-20-3-60-6-98-3 38-4 78-6 98H40c-4-4-2-8 2-14 0-14-1-32-3-48-3-22-3-44 0-66 1-10 2-22 2-36-2 6-3 12-5 20-4 15-10 30-16 42-4 4-10 0-9-6 3-10 6-22 8-34 3-18 5-38 10-50 4-8 14-9 24-13v-8c-5-3-9-10-9-19C44 15 49 6 60 6z";

type Dot = { lesion: LesionRow; x: number; y: number };

/** Front and back with a mark for each lesion. The list beside it does the same for the keyboard and for screen readers. */
export function BodyMap({
  lesions,
  chosen,
  onChoose,
}: {
  lesions: LesionRow[];
  chosen: string | null;
  onChoose: (id: string) => void;
}) {
  const { t } = useTranslation();
  const onMap = lesions.filter(({ site }) => site !== "other").length;
  return (
    <Box>
      <Box
        role="img"
        aria-label={t("bodyMap.label", { count: onMap })}
        data-testid={testIds.bodyMap}
        sx={{ display: "flex", justifyContent: "space-around" }}
      >
        <Figure name={t("bodyMap.front")} dots={dots(lesions, "front")} chosen={chosen} onChoose={onChoose} />
        <Figure name={t("bodyMap.back")} dots={dots(lesions, "back")} chosen={chosen} onChoose={onChoose} />
      </Box>
      {lesions.some(({ worst }) => worst?.demo) && (
        <Box sx={{ mt: 0.5, textAlign: "center", fontSize: "0.75rem", color: "hint.text", fontWeight: 600 }}>
          {t("result.demoShort")}
        </Box>
      )}
    </Box>
  );
}

function Figure({
  name,
  dots,
  chosen,
  onChoose,
}: {
  name: string;
  dots: Dot[];
  chosen: string | null;
  onChoose: (id: string) => void;
}) {
  const { palette } = useTheme();
  return (
    <Box aria-hidden="true" sx={{ textAlign: "center", fontSize: "0.75rem", color: "text.secondary" }}>
      <svg aria-hidden="true" width="112" height="250" viewBox="0 0 120 268" focusable="false">
        <path
          d={BODY}
          fill={palette.mode === "light" ? "#ebf1f5" : "#263140"}
          stroke={palette.control}
          strokeWidth="1.500"
        />
        {dots.map(({ lesion, x, y }) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: the list beside the map has a button for each lesion
          <g key={lesion.id} transform={`translate(${x} ${y})`} onClick={() => onChoose(lesion.id)} cursor="pointer">
            <circle r="15" fill="transparent" />
            {chosen === lesion.id && <circle r="11" fill="none" stroke={palette.text.primary} strokeWidth="2.500" />}
            <Mark lesion={lesion} />
          </g>
        ))}
      </svg>
      <div>{name}</div>
    </Box>
  );
}

function Mark({ lesion }: { lesion: LesionRow }) {
  const { palette } = useTheme();
  const risk = lesion.worst?.risk;
  const edge = risk ? riskColours.light[risk].text : palette.text.secondary;
  if (!risk || risk === "UNCERTAIN") {
    return (
      <>
        <circle r="7" fill={risk ? riskHue[risk] : palette.background.paper} stroke={edge} strokeWidth="1.500" />
        {risk && (
          <text y="4" textAnchor="middle" fontSize="11" fontWeight="700" fill="#1a202c">
            ?
          </text>
        )}
      </>
    );
  }
  return (
    <path
      d={riskPath[risk]}
      transform="scale(1.350)"
      fill={riskHue[risk]}
      stroke={edge}
      strokeWidth="1.200"
      strokeLinejoin="round"
    />
  );
}

function dots(lesions: LesionRow[], view: "front" | "back"): Dot[] {
  const taken = new Map<string, number>();
  return lesions.flatMap((lesion) => {
    if (lesion.site === "other" || (lesion.site === "back") !== (view === "back")) return [];
    const place = PLACES[lesion.site];
    // Seen from the front, the person's left is at the right.
    const towards = lesion.side === "midline" ? 0 : (lesion.side === "left") === (view === "front") ? 1 : -1;
    const spot = `${lesion.site} ${lesion.side}`;
    const nth = taken.get(spot) ?? 0;
    taken.set(spot, nth + 1);
    const [dx, dy] = BESIDE[nth % BESIDE.length] ?? [0, 0];
    return [{ lesion, x: MIDDLE + towards * place.out + dx, y: place.y + dy }];
  });
}
