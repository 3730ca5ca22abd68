import Box from "@mui/material/Box";
import { useTranslation } from "react-i18next";
import { useFindingWords } from "../../design/Findings";
import { useFormat } from "../../design/format";
import type { AnalysisDone, PhotoDetail } from "../../ipc/bindings";

export function Facts({ analysis, detail }: { analysis: AnalysisDone | null; detail: PhotoDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const findingWords = useFindingWords();
  const facts: [string, string][] = [];
  if (analysis) {
    const { published_accuracy: accuracy } = analysis;
    const seconds = format.number(analysis.duration_ms / 1000, 2);
    const name = analysis.model_name;
    facts.push([
      t("fact.model"),
      // Nobody here saw the weights of what answered online.
      analysis.model_sha256
        ? t("fact.modelValue", { name, hash: shortHash(analysis.model_sha256), seconds })
        : t("fact.modelOnline", { name, seconds }),
    ]);
    facts.push([
      t("fact.published"),
      accuracy === null ? t("fact.publishedNone") : t("fact.publishedValue", { percent: format.percent(accuracy) }),
    ]);
    facts.push([t("fact.policy"), t("fact.policyValue", { policy: analysis.policy, pipeline: analysis.pipeline })]);
    facts.push([t("fact.madeAt"), format.dateTime(analysis.made_at)]);
  }
  facts.push([t("fact.keptBy"), `${detail.kept_by} · ${format.dateTime(detail.entry.kept_at)}`]);
  facts.push([
    t("fact.file"),
    `${detail.format} · ${detail.width} × ${detail.height} · ${format.bytes(detail.original_bytes)}`,
  ]);
  if (detail.quality) {
    const { findings, version } = detail.quality;
    const said = findings.length > 0 ? findingWords(findings) : t("quality.good");
    facts.push([t("quality.title"), t("quality.factValue", { findings: said, version })]);
  }
  const { polarised, contact } = detail.dermoscopy;
  const dermoscopy = [
    polarised !== null && t(polarised ? "dermoscopy.polarisedFact" : "dermoscopy.notPolarised"),
    contact !== null && t(contact ? "dermoscopy.contactFact" : "dermoscopy.noContact"),
  ].filter((said) => said !== false);
  if (dermoscopy.length > 0) facts.push([t("fact.dermoscopy"), dermoscopy.join(" · ")]);
  if (detail.camera) facts.push([t("fact.camera"), detail.camera]);
  return (
    <Box
      component="dl"
      sx={{
        m: 0,
        display: "grid",
        gridTemplateColumns: "minmax(96px, auto) 1fr",
        columnGap: 2,
        rowGap: 0.5,
        fontSize: "0.875rem",
        "& dt": { color: "text.secondary" },
        "& dd": { m: 0, overflowWrap: "anywhere" },
      }}
    >
      {facts.map(([name, value]) => (
        <Box key={name} sx={{ display: "contents" }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </Box>
      ))}
    </Box>
  );
}

/** Enough of a hash to tell two models apart by eye. */
function shortHash(hash: string): string {
  return `${hash.slice(0, 4)}…${hash.slice(-2)}`;
}
