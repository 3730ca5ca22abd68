import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "../../design/ConfirmDialog";
import { ErrorNote } from "../../design/ErrorNote";
import { useFormat } from "../../design/format";
import { Loaded, RowsSkeleton } from "../../design/Loaded";
import { SelectField } from "../../design/SelectField";
import { testIds } from "../../design/testIds";
import type { Purged } from "../../ipc/bindings";
import { usePurge, usePurgeable } from "../../ipc/storage";

const DAYS = [30, 90, 180, 365];

/** Originals that the centre has may leave this machine; looking at one fetches it again. */
export function FreeSpace() {
  const { t } = useTranslation();
  const format = useFormat();
  const [days, setDays] = useState(90);
  const [asking, setAsking] = useState(false);
  const purgeable = usePurgeable(days);
  const purge = usePurge();
  const counted = ({ photos, bytes }: Purged) => ({ count: photos, size: format.bytes(bytes) });
  return (
    <Box component="section" aria-labelledby="free-space" sx={{ display: "grid", gap: 1.5 }}>
      <Typography variant="h3" id="free-space">
        {t("purge.title")}
      </Typography>
      <Typography sx={{ color: "text.secondary" }}>{t("purge.explain")}</Typography>
      <SelectField
        label={t("purge.olderThan")}
        testId={testIds.purgeDays}
        value={String(days)}
        options={DAYS.map((one) => ({ value: String(one), label: t("purge.days", { count: one }) }))}
        onChange={(chosen) => {
          setDays(Number(chosen));
          purge.reset();
        }}
      />
      <Loaded query={purgeable} skeleton={<RowsSkeleton rows={1} height={40} />}>
        {(could) => (
          <>
            <Typography>{t(could.photos === 0 ? "purge.nothing" : "purge.could", counted(could))}</Typography>
            <Box>
              <Button
                variant="outlined"
                disabled={could.photos === 0 || purge.isPending}
                onClick={() => setAsking(true)}
                data-testid={testIds.purge}
              >
                {purge.isPending ? t("purge.running") : t("purge.do")}
              </Button>
            </Box>
            <ConfirmDialog
              open={asking}
              title={t("purge.confirmTitle")}
              text={t("purge.confirmText", counted(could))}
              yes={t("purge.do")}
              no={t("common.cancel")}
              onNo={() => setAsking(false)}
              onYes={() => {
                setAsking(false);
                purge.mutate(days);
              }}
            />
          </>
        )}
      </Loaded>
      {purge.error && <ErrorNote error={purge.error} />}
      <Box role="status" data-testid={testIds.purgeResult} sx={{ color: "calm.text" }}>
        {purge.data && !purge.isPending && t("purge.done", counted(purge.data))}
      </Box>
    </Box>
  );
}
