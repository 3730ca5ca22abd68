import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import LinearProgress from "@mui/material/LinearProgress";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { FailureDetails, useFailureWords } from "../../design/ErrorNote";
import { useFormat } from "../../design/format";
import { AlertIcon } from "../../design/icons";
import { PhotoThumb } from "../../design/PhotoThumb";
import { RiskBadge } from "../../design/RiskBadge";
import { testIds } from "../../design/testIds";
import type { UiCode } from "../../ipc/failure";
import { stagedUrl } from "../../ipc/photoUrl";
import { usePicture } from "../../ipc/picture";
import { usePhoto } from "../../ipc/queries";
import { type BatchItem, elsewhereOf, isDoubtful, type Step } from "./batch";
import { KeepAnyway } from "./KeepAnyway";
import { Preview } from "./Preview";

const WORTH_ANOTHER_TRY: UiCode[] = [
  "staging_full",
  "disk_full",
  "read_only",
  "file_unreadable",
  "photo_decoder_failed",
  "photo_decoder_timeout",
  "photo_worker_unavailable",
  "staged_gone",
  "storage_failed",
  "unexpected",
];

export function StagedCard({
  item,
  onRemove,
  onAgain,
  onKeepAnyway,
}: {
  item: BatchItem;
  onRemove: () => void;
  onAgain: () => void;
  onKeepAnyway: (on: boolean) => void;
}) {
  const { t } = useTranslation();
  const { step, source } = item;
  const removable = step.at !== "keeping" && step.at !== "reading";
  const doubtful = isDoubtful(item);
  const opens = step.at === "already" || step.at === "kept" ? step.photoId : elsewhereOf(item)?.photo_id;
  return (
    <Box
      component="li"
      data-testid={testIds.stagedCard}
      data-state={step.at}
      data-file={source.name}
      sx={{
        display: "flex",
        flexWrap: { xs: "wrap", sm: doubtful ? "wrap" : "nowrap" },
        gap: 1.5,
        alignItems: "center",
        p: 1.25,
        bgcolor: "background.paper",
        border: 1,
        borderColor: step.at === "refused" || step.at === "not_kept" ? "fault.line" : "line",
        borderRadius: 2,
      }}
    >
      <Box sx={{ width: { xs: 96, sm: 160 }, flex: "none", borderRadius: 1.5, overflow: "hidden" }}>
        <Picture step={step} name={source.name} />
      </Box>
      <Box sx={{ flex: "1 1 160px", minWidth: 0 }}>
        <Box sx={{ fontWeight: 700, overflowWrap: "anywhere" }}>{source.name}</Box>
        <Status step={step} />
      </Box>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1, alignItems: "center" }}>
        {step.at === "kept" && <KeptRisk photoId={step.photoId} />}
        {opens && (
          <Button component={Link} to={`/photos/${opens}`} variant="outlined" data-testid={testIds.stagedOpen}>
            {step.at === "kept" ? t("capture.openResult") : t("capture.openThat")}
          </Button>
        )}
        {step.at === "refused" && WORTH_ANOTHER_TRY.includes(step.error.code) && (
          <Button variant="outlined" onClick={onAgain}>
            {t("common.retry")}
          </Button>
        )}
        {removable && step.at !== "kept" && (
          <Button
            variant="outlined"
            onClick={onRemove}
            aria-label={t("capture.removeNamed", { name: source.name })}
            data-testid={testIds.stagedRemove}
          >
            {t("capture.remove")}
          </Button>
        )}
      </Box>
      {doubtful && <KeepAnyway item={item} onKeepAnyway={onKeepAnyway} />}
    </Box>
  );
}

function Picture({ step, name }: { step: Step; name: string }) {
  if ("staged" in step) {
    const { id, measured } = step.staged;
    return <Preview src={stagedUrl(id, "derivative")} name={name} outline={measured?.outline ?? null} />;
  }
  if (step.at === "kept" || step.at === "already") return <Kept photoId={step.photoId} />;
  const refused = step.at === "refused";
  return (
    <Box
      aria-hidden="true"
      sx={{
        aspectRatio: "4 / 3",
        display: "grid",
        placeItems: "center",
        bgcolor: refused ? "fault.ground" : "action.hover",
        color: refused ? "fault.text" : "text.secondary",
      }}
    >
      {refused && <AlertIcon />}
    </Box>
  );
}

function Kept({ photoId }: { photoId: string }) {
  const { t } = useTranslation();
  return <PhotoThumb picture={usePicture(photoId, "thumbnail")} alt={t("capture.preview")} whole />;
}

function Status({ step }: { step: Step }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useFailureWords();
  switch (step.at) {
    case "waiting":
      return <Line>{t("capture.waiting")}</Line>;
    case "reading":
      return <Progress words={t("capture.reading")} />;
    case "keeping":
      return <Progress words={t("capture.keeping")} />;
    case "ready": {
      const { width, height, bytes } = step.staged;
      return <Line>{t("capture.ready", { width, height, size: format.bytes(bytes) })}</Line>;
    }
    case "kept":
      return <KeptLine photoId={step.photoId} />;
    case "already":
      return <Line>{t("capture.already", { when: format.dateTime(step.keptAt) })}</Line>;
    default:
      return (
        <Box role="alert" sx={{ color: "fault.text", bgcolor: "fault.ground", px: 1, py: 0.5, borderRadius: 1 }}>
          {words(step.error)} {t("capture.notKept")}
          <FailureDetails error={step.error} />
        </Box>
      );
  }
}

function KeptLine({ photoId }: { photoId: string }) {
  const { t } = useTranslation();
  const analysis = usePhoto(photoId).data?.entry.analysis;
  const coming = analysis?.state === "pending" && analysis.reason === "queued";
  return (
    <Box role="status">
      <Line>
        {t("capture.kept")}
        {analysis?.state === "pending" && ` · ${t(`pending.${analysis.reason}.short`)}`}
      </Line>
      {coming && <LinearProgress aria-label={t("pending.queued.short")} sx={{ mt: 0.75 }} />}
    </Box>
  );
}

function KeptRisk({ photoId }: { photoId: string }) {
  const analysis = usePhoto(photoId).data?.entry.analysis;
  if (analysis?.state !== "done") return null;
  return <RiskBadge risk={analysis.risk} demo={analysis.demo} />;
}

function Line({ children }: { children: React.ReactNode }) {
  return <Box sx={{ color: "text.secondary", fontSize: "0.875rem" }}>{children}</Box>;
}

function Progress({ words }: { words: string }) {
  return (
    <Box>
      <Line>{words}</Line>
      <LinearProgress aria-label={words} sx={{ mt: 0.75 }} />
    </Box>
  );
}
