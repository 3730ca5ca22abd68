import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "../../design/ConfirmDialog";
import { ErrorNote } from "../../design/ErrorNote";
import { useFormat } from "../../design/format";
import { Loaded } from "../../design/Loaded";
import { Panel } from "../../design/Screen";
import { SelectField } from "../../design/SelectField";
import { testIds } from "../../design/testIds";
import type { RetentionPlan, RetentionReport, RetentionYears } from "../../ipc/bindings";
import { useRole } from "../../ipc/queries";
import { useApplyRetention, useRetentionPlan, useSetRetentionYears } from "../../ipc/storage";

const COMMON = [10, 12, 15, 20, 25, 30, 50];

/** How long records are kept, what would go now, and letting it go. */
export function RetentionPanel() {
  const { t } = useTranslation();
  const plan = useRetentionPlan();
  return (
    <Panel title={t("retention.title")} id="retention">
      <Loaded query={plan}>
        {(current) => (
          <Box sx={{ display: "grid", gap: 2 }}>
            <Typography sx={{ color: "text.secondary" }}>
              {t("retention.explain", { years: Math.min(current.floor.patient, current.floor.photo) })}
            </Typography>
            {!current.connected && (
              <Typography sx={{ p: 1.5, borderRadius: 2, bgcolor: "hint.ground", color: "hint.text" }}>
                {t("retention.withoutCentre")}
              </Typography>
            )}
            <Years key={JSON.stringify(current.years)} plan={current} />
            <WouldGo plan={current} />
          </Box>
        )}
      </Loaded>
    </Panel>
  );
}

function Years({ plan }: { plan: RetentionPlan }) {
  const { t } = useTranslation();
  const admin = useRole() === "ADMIN";
  const set = useSetRetentionYears();
  const [years, setYears] = useState(plan.years);
  const [asking, setAsking] = useState(false);
  const changed = years.patient !== plan.years.patient || years.photo !== plan.years.photo;
  const options = (floor: number, current: number | null) => [
    { value: "", label: t("retention.forEver") },
    ...[...new Set([...COMMON, floor, ...(current === null ? [] : [current])])]
      .filter((one) => one >= floor)
      .sort((a, b) => a - b)
      .map((one) => ({ value: String(one), label: t("retention.years", { count: one }) })),
  ];
  const pick = (change: Partial<RetentionYears>) => setYears({ ...years, ...change });
  const read = (value: string) => (value === "" ? null : Number(value));
  const save = () => set.mutate(years);
  const words = (value: number | null) =>
    value === null ? t("retention.forEver") : t("retention.years", { count: value });
  if (!admin)
    return (
      <Typography>
        {t("retention.patients")}: {words(plan.years.patient)}
        <br />
        {t("retention.photos")}: {words(plan.years.photo)}
        <br />
        {t("retention.notYou")}
      </Typography>
    );
  return (
    <Box sx={{ display: "grid", gap: 1.5 }}>
      <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: { xs: "1fr", sm: "1fr 1fr" } }}>
        <SelectField
          label={t("retention.patients")}
          testId={testIds.retentionPatients}
          value={String(years.patient ?? "")}
          options={options(plan.floor.patient, plan.years.patient)}
          onChange={(value) => pick({ patient: read(value) })}
        />
        <SelectField
          label={t("retention.photos")}
          testId={testIds.retentionPhotos}
          value={String(years.photo ?? "")}
          options={options(plan.floor.photo, plan.years.photo)}
          onChange={(value) => pick({ photo: read(value) })}
        />
      </Box>
      <Box>
        <Button
          variant="contained"
          disabled={!changed || set.isPending}
          onClick={() => (years.patient === null && years.photo === null ? save() : setAsking(true))}
          data-testid={testIds.retentionSave}
        >
          {t("retention.save")}
        </Button>
      </Box>
      {set.error && <ErrorNote error={set.error} />}
      <ConfirmDialog
        open={asking}
        title={t("retention.saveTitle")}
        text={t("retention.saveText")}
        yes={t("retention.save")}
        no={t("common.cancel")}
        onNo={() => setAsking(false)}
        onYes={() => {
          setAsking(false);
          save();
        }}
      />
    </Box>
  );
}

function WouldGo({ plan }: { plan: RetentionPlan }) {
  const { t } = useTranslation();
  const format = useFormat();
  const admin = useRole() === "ADMIN";
  const apply = useApplyRetention();
  const [asking, setAsking] = useState(false);
  const counts: [string, number][] = [
    [t("retention.wouldPatients"), plan.patients],
    [t("retention.wouldPhotos"), plan.photos],
    [t("retention.held"), plan.held],
    [t("retention.unconfirmed"), plan.unconfirmed],
    [t("retention.underWay"), plan.under_way],
  ];
  const something = plan.patients + plan.photos + plan.under_way > 0;
  return (
    <Box component="section" aria-labelledby="would-go" sx={{ display: "grid", gap: 1.5 }}>
      <Typography variant="h3" id="would-go">
        {t("retention.now")}
      </Typography>
      <Box
        component="dl"
        data-testid={testIds.retentionPlan}
        sx={{
          m: 0,
          display: "grid",
          gridTemplateColumns: "1fr auto",
          columnGap: 2,
          rowGap: 0.5,
          "& dt": { color: "text.secondary" },
          "& dd": { m: 0, textAlign: "right" },
        }}
      >
        {counts.map(([name, count]) => (
          <Box key={name} sx={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd>{format.number(count)}</dd>
          </Box>
        ))}
      </Box>
      <Reasons reasons={plan.reasons} />
      {plan.ran_at && (
        <Typography sx={{ color: "text.secondary" }}>
          {t("retention.ranAt", { when: format.dateTime(plan.ran_at) })}
        </Typography>
      )}
      {admin && (
        <Box>
          <Button
            variant="outlined"
            disabled={!plan.connected || !something || apply.isPending}
            onClick={() => setAsking(true)}
            data-testid={testIds.retentionApply}
          >
            {apply.isPending ? t("retention.running") : t("retention.apply")}
          </Button>
        </Box>
      )}
      {apply.error && <ErrorNote error={apply.error} />}
      <Box role="status" data-testid={testIds.retentionResult}>
        {apply.data && !apply.isPending && <Done report={apply.data} />}
      </Box>
      <ConfirmDialog
        open={asking}
        title={t("retention.applyTitle")}
        text={t("retention.applyText", { patients: plan.patients, photos: plan.photos })}
        yes={t("retention.apply")}
        no={t("common.cancel")}
        onNo={() => setAsking(false)}
        onYes={() => {
          setAsking(false);
          apply.mutate();
        }}
      />
    </Box>
  );
}

function Done({ report }: { report: RetentionReport }) {
  const { t } = useTranslation();
  return (
    <>
      <Typography>{t("retention.done", { patients: report.patients, photos: report.photos })}</Typography>
      {report.denied > 0 && <Typography>{t("retention.denied", { count: report.denied })}</Typography>}
      <Reasons reasons={report.reasons} />
    </>
  );
}

/** As the centre or the image store said it: for whoever looks after them. */
function Reasons({ reasons }: { reasons: string[] }) {
  const { t } = useTranslation();
  if (reasons.length === 0) return null;
  return (
    <Box component="details" sx={{ "& summary": { minHeight: 44, cursor: "pointer", alignContent: "center" } }}>
      <summary>{t("retention.reasons")}</summary>
      <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </Box>
    </Box>
  );
}
