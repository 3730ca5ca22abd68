import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useTranslation } from "react-i18next";
import { Choice } from "../../design/Choice";
import { Field } from "../../design/Field";
import { SelectField } from "../../design/SelectField";
import { testIds } from "../../design/testIds";
import type { BodySite, LesionRow, PhotoKind, Side } from "../../ipc/bindings";
import type { Placement } from "./batch";

const SITES: BodySite[] = [
  "face",
  "neck",
  "chest",
  "back",
  "arms",
  "hands",
  "abdomen",
  "legs",
  "feet",
  "genitals",
  "other",
];
const SIDES: Side[] = ["left", "right", "midline"];
const KINDS: PhotoKind[] = ["clinical", "dermoscopic"];

export function PlacementPanel({
  placement,
  lesions,
  ready,
  busy,
  asked,
  onChange,
  onKeep,
}: {
  placement: Placement;
  lesions: LesionRow[];
  ready: number;
  busy: boolean;
  /** "Keep" was pressed before site and side were chosen. */
  asked: boolean;
  onChange: (placement: Placement) => void;
  onKeep: () => void;
}) {
  const { t } = useTranslation();
  const { site, side } = placement;
  const fitting = lesions.filter((lesion) => (!site || lesion.site === site) && (!side || lesion.side === side));
  const lesionName = (lesion: LesionRow) =>
    [
      t("lesion.place", { site: t(`site.${lesion.site}`), side: t(`side.${lesion.side}`) }),
      lesion.label,
      t("patient.photos", { count: lesion.photos }),
    ]
      .filter(Boolean)
      .join(" · ");
  const place = (change: Partial<Placement>) => onChange({ ...placement, lesionId: null, ...change });
  const chooseLesion = (id: string) => {
    const lesion = lesions.find((one) => one.id === id);
    onChange(
      lesion
        ? { ...placement, lesionId: lesion.id, site: lesion.site, side: lesion.side }
        : { ...placement, lesionId: null },
    );
  };
  const missing = asked && (!site || !side);
  return (
    <Box
      component="section"
      aria-label={t("capture.placement")}
      sx={{
        bgcolor: "background.paper",
        border: 1,
        borderColor: "line",
        borderRadius: 2,
        p: 2,
        display: "grid",
        gap: 2,
      }}
    >
      <Choice
        wrap
        required
        label={t("capture.site")}
        value={site}
        onChange={(next) => place({ site: next })}
        options={SITES.map((one) => ({ value: one, label: t(`site.${one}`), testId: testIds.site(one) }))}
      />
      <Choice
        required
        label={t("capture.side")}
        value={side}
        onChange={(next) => place({ side: next })}
        options={SIDES.map((one) => ({ value: one, label: t(`side.${one}`), testId: testIds.side(one) }))}
      />
      <SelectField
        label={t("capture.lesion")}
        testId={testIds.lesionSelect}
        value={placement.lesionId ?? ""}
        onChange={chooseLesion}
        options={[
          { value: "", label: t("capture.newLesion") },
          ...fitting.map((lesion) => ({ value: lesion.id, label: lesionName(lesion) })),
        ]}
      />
      {!placement.lesionId && (
        <Field
          label={t("capture.label")}
          hint={t("capture.labelHint")}
          testId={testIds.lesionLabel}
          value={placement.label}
          onChange={(event) => onChange({ ...placement, label: event.target.value })}
        />
      )}
      <Choice
        required
        label={t("capture.kind")}
        value={placement.kind}
        onChange={(kind) => onChange({ ...placement, kind })}
        options={KINDS.map((one) => ({ value: one, label: t(`kind.${one}`), testId: testIds.kind(one) }))}
      />
      {placement.kind === "dermoscopic" && (
        <Box
          role="status"
          data-testid={testIds.dermoscopicWarning}
          sx={{
            p: 1.5,
            borderRadius: 2,
            border: 1,
            bgcolor: "hint.ground",
            color: "hint.text",
            borderColor: "hint.line",
          }}
        >
          {t("capture.dermoscopicWarning")}
        </Box>
      )}
      <Field
        label={t("capture.note")}
        hint={ready > 1 ? t("capture.noteForEach") : undefined}
        placeholder={t("capture.notePlaceholder")}
        testId={testIds.keepNote}
        multiline
        minRows={3}
        value={placement.note}
        onChange={(event) => onChange({ ...placement, note: event.target.value })}
      />
      {missing && (
        <Box role="alert" sx={{ color: "error.main" }}>
          {t("capture.placeMissing")}
        </Box>
      )}
      <Button
        variant="contained"
        size="large"
        disabled={busy || ready === 0}
        onClick={onKeep}
        data-testid={testIds.keepPhotos}
      >
        {busy ? t("capture.keeping") : t("capture.keep", { count: ready })}
      </Button>
      <Box sx={{ color: "text.secondary", fontSize: "0.875rem" }}>{t("capture.safety")}</Box>
    </Box>
  );
}
