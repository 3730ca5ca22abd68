import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import LinearProgress from "@mui/material/LinearProgress";
import Typography from "@mui/material/Typography";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "../../design/ConfirmDialog";
import { ErrorNote } from "../../design/ErrorNote";
import { useFormat } from "../../design/format";
import { testIds } from "../../design/testIds";
import { useCancelReanalysis, useReanalyse, useReanalysis } from "../../ipc/analysing";
import type { Reanalysis } from "../../ipc/bindings";

/**
 * Photos that other models analysed: asks the model in use about all of them, shows how far it is, and stops it. While it is
 * read again which model that is (`settling`), or how many photos, nothing is begun: the name and the number must be one's.
 */
export function AgainPart({ name, settling }: { name: string; settling: boolean }) {
  const { t } = useTranslation();
  const far = useReanalysis();
  const start = useReanalyse();
  const stop = useCancelReanalysis();
  const id = useId();
  const error = start.error ?? stop.error;
  if (far.error) return <ErrorNote error={far.error} onRetry={() => void far.refetch()} />;
  if (!far.data) return null;
  const { possible, waiting } = far.data;
  const finished = start.isSuccess && waiting + possible === 0 && !stop.isSuccess;
  if (possible + waiting === 0 && !start.isSuccess && !stop.isSuccess) return null;
  return (
    <Box
      component="section"
      aria-labelledby={id}
      data-testid={testIds.reanalysis}
      sx={{ display: "grid", gap: 1, mt: 2, pt: 2, borderTop: 1, borderColor: "line" }}
    >
      <Typography variant="h3" id={id}>
        {t("again.title")}
      </Typography>
      {waiting + possible > 0 && (
        <Typography sx={{ color: "text.secondary" }}>{t("again.explain", { name })}</Typography>
      )}
      {waiting > 0 && (
        <Running
          name={name}
          far={far.data}
          busy={stop.isPending}
          onStop={() => stop.mutate(undefined, { onSuccess: () => start.reset() })}
        />
      )}
      {waiting === 0 && possible > 0 && (
        <Box>
          <Button
            variant="outlined"
            disabled={start.isPending || settling || far.isFetching}
            onClick={() => start.mutate(undefined, { onSuccess: () => stop.reset() })}
            data-testid={testIds.reanalyse}
          >
            {t("again.start", { count: possible, name })}
          </Button>
        </Box>
      )}
      <Box role="status" sx={{ color: "calm.text", "&:empty": { display: "none" } }}>
        {finished && t("again.finished", { name })}
        {stop.isSuccess && waiting === 0 && t("again.stopped", { count: stop.data })}
      </Box>
      {error && <ErrorNote error={error} />}
    </Box>
  );
}

function Running({
  name,
  far: { waiting, done },
  busy,
  onStop,
}: {
  name: string;
  far: Reanalysis;
  busy: boolean;
  onStop: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const [asking, setAsking] = useState(false);
  const words = t("again.running", { name, done: format.number(done), all: format.number(done + waiting) });
  return (
    <>
      <Box>{words}</Box>
      <LinearProgress
        variant="determinate"
        value={(100 * done) / (done + waiting)}
        aria-label={words}
        sx={{ height: 8, borderRadius: 99 }}
      />
      <Box>
        <Button
          variant="outlined"
          disabled={busy}
          onClick={() => setAsking(true)}
          data-testid={testIds.reanalysisCancel}
        >
          {t("common.cancel")}
        </Button>
      </Box>
      <ConfirmDialog
        open={asking}
        title={t("again.cancelTitle")}
        text={t("again.cancelText", { name })}
        yes={t("again.cancelYes")}
        no={t("again.cancelNo")}
        onNo={() => setAsking(false)}
        onYes={() => {
          setAsking(false);
          onStop();
        }}
      />
    </>
  );
}
