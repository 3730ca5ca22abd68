import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useTranslation } from "react-i18next";
import { ErrorNote } from "../../design/ErrorNote";
import { useFormat } from "../../design/format";
import { RiskBadge } from "../../design/RiskBadge";
import { Announce } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import { useModels, useWithdrawOpinion } from "../../ipc/analysing";
import type { AnalysisDone, FurtherOpinion, PhotoDetail } from "../../ipc/bindings";
import { useIsStaff } from "../../ipc/queries";
import { AskOpinion } from "./AskOpinion";
import { modelOf } from "./candidates";
import { Confidence } from "./Probabilities";

/** What others say of the same photo, in the order in which they were asked, and asking one more. */
export function Opinions({ detail }: { detail: PhotoDetail }) {
  const { t } = useTranslation();
  const staff = useIsStaff();
  const withdraw = useWithdrawOpinion();
  return (
    <Box sx={{ display: "grid", gap: 1.5 }}>
      {detail.opinions.length === 0 && <Box sx={{ color: "text.secondary" }}>{t("opinion.none")}</Box>}
      {detail.opinions.length > 0 && (
        <Box component="ul" sx={{ m: 0, p: 0, listStyle: "none", display: "grid", gap: 1 }}>
          {detail.opinions.map((opinion) => (
            <Opinion
              key={opinion.analysis.id}
              opinion={opinion}
              busy={withdraw.isPending}
              onWithdraw={staff ? () => withdraw.mutate(opinion.analysis.id) : null}
            />
          ))}
        </Box>
      )}
      <Announce text={withdraw.isSuccess ? t("opinion.withdrawn") : ""} />
      {withdraw.error && <ErrorNote error={withdraw.error} />}
      {staff && <AskOpinion key={detail.entry.photo_id} detail={detail} />}
    </Box>
  );
}

function Opinion({
  opinion: { analysis, requested_at, asked_of },
  busy,
  onWithdraw,
}: {
  opinion: FurtherOpinion;
  busy: boolean;
  onWithdraw: (() => void) | null;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const name = useAskedName(asked_of);
  return (
    <Box
      component="li"
      data-testid={testIds.opinion}
      data-state={analysis.state}
      sx={{
        border: 1,
        borderStyle: analysis.state === "pending" ? "dashed" : "solid",
        borderColor: analysis.state === "pending" ? "control" : "line",
        borderRadius: 2,
        p: 1.5,
        display: "grid",
        gap: 0.5,
        overflowWrap: "anywhere",
      }}
    >
      {analysis.state === "done" ? (
        <Said analysis={analysis} />
      ) : (
        <>
          <Box sx={{ fontWeight: 700 }}>{name}</Box>
          <Box role="status">{t(`pending.${analysis.reason}.short`)}</Box>
          <Box sx={{ color: "text.secondary", fontSize: "0.8125rem" }}>
            {t("opinion.askedAt", { when: format.dateTime(requested_at) })}
          </Box>
          {onWithdraw && (
            <Box>
              <Button
                variant="outlined"
                disabled={busy}
                onClick={onWithdraw}
                aria-label={t("opinion.withdrawNamed", { name })}
                data-testid={testIds.opinionWithdraw}
              >
                {t("opinion.withdraw")}
              </Button>
            </Box>
          )}
        </>
      )}
    </Box>
  );
}

function Said({ analysis }: { analysis: AnalysisDone }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      <Box>
        <RiskBadge risk={analysis.risk} demo={analysis.demo} />
      </Box>
      <Box sx={{ fontWeight: 700 }}>
        {t("result.classPercent", {
          name: t(`class.${analysis.top_class}`),
          percent: format.percent(analysis.confidence),
        })}
      </Box>
      <Confidence analysis={analysis} />
      <Box sx={{ color: "text.secondary", fontSize: "0.8125rem" }}>
        {analysis.model_name}
        {!analysis.model_sha256 && ` · ${t("opinion.space")}`} · {format.dateTime(analysis.made_at)}
      </Box>
    </>
  );
}

/** A question of another workstation's names nobody here. */
function useAskedName(asked: FurtherOpinion["asked_of"]): string {
  const { t } = useTranslation();
  const models = useModels();
  if (asked === "space") return t("opinion.space");
  return models.data?.find(({ sha256 }) => sha256 === modelOf(asked))?.name ?? t("opinion.model");
}
