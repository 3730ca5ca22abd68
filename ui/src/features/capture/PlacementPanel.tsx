import Box from "@mui/material/Box";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { SIDES, SITES } from "../../design/bodySites";
import { Choice } from "../../design/Choice";
import { Field } from "../../design/Field";
import { SelectField } from "../../design/SelectField";
import { testIds } from "../../design/testIds";
import type { Dermoscopy, LesionRow, PhotoKind } from "../../ipc/bindings";
import type { Placement } from "./batch";

const KINDS: PhotoKind[] = ["clinical", "dermoscopic"];

export function PlacementPanel({
  placement,
  lesions,
  ready,
  asked,
  onChange,
}: {
  placement: Placement;
  lesions: LesionRow[];
  ready: number;
  /** How often "keep" was pressed; the first time tells what is still to be chosen. */
  asked: number;
  onChange: (placement: Placement) => void;
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
  const panel = useRef<HTMLElement>(null);
  // What is missing may lie outside the part in sight.
  useEffect(() => {
    if (asked > 0) panel.current?.querySelector<HTMLElement>('[aria-invalid="true"] input')?.focus();
  }, [asked]);
  return (
    <Box
      component="section"
      ref={panel}
      aria-label={t("capture.placement")}
      sx={{
        bgcolor: "background.paper",
        border: { xs: 1, md: 0 },
        borderColor: { xs: "line" },
        borderRadius: { xs: 2, md: 0 },
        p: 2,
        display: "grid",
        gap: 2,
        alignContent: "start",
        flex: { md: 1 },
        minHeight: { md: 0 },
        overflow: { md: "auto" },
        // The bar with "keep" covers the lower edge of a narrow window.
        "& input, & select, & textarea": { scrollMarginBottom: { xs: "132px", md: 0 } },
      }}
    >
      <Choice
        wrap
        required
        label={t("capture.site")}
        value={site}
        error={asked > 0 && !site ? t("capture.siteMissing") : null}
        onChange={(next) => place({ site: next })}
        options={SITES.map((one) => ({ value: one, label: t(`site.${one}`), testId: testIds.site(one) }))}
      />
      <Choice
        required
        label={t("capture.side")}
        value={side}
        error={asked > 0 && !side ? t("capture.sideMissing") : null}
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
      {placement.kind === "dermoscopic" && (
        <DermoscopyChoices
          said={placement.dermoscopy}
          onChange={(dermoscopy) => onChange({ ...placement, dermoscopy })}
        />
      )}
      <Field
        label={t("capture.note")}
        hint={ready > 1 ? t("capture.noteForEach") : undefined}
        placeholder={t("capture.notePlaceholder")}
        testId={testIds.keepNote}
        multiline
        minRows={2}
        value={placement.note}
        onChange={(event) => onChange({ ...placement, note: event.target.value })}
      />
    </Box>
  );
}

const ANSWERS = ["yes", "no", "unsaid"] as const;

/** How the dermatoscope looked at the skin. Whoever does not know says nothing. */
function DermoscopyChoices({ said, onChange }: { said: Dermoscopy; onChange: (said: Dermoscopy) => void }) {
  const { t } = useTranslation();
  const one = (which: "polarised" | "contact") => (
    <Choice
      label={t(`dermoscopy.${which}`)}
      value={said[which] === null ? "unsaid" : said[which] ? "yes" : "no"}
      onChange={(answer) => onChange({ ...said, [which]: answer === "unsaid" ? null : answer === "yes" })}
      options={ANSWERS.map((answer) => ({
        value: answer,
        label: t(`dermoscopy.${answer}`),
        testId: testIds[which](answer),
      }))}
    />
  );
  return (
    <>
      {one("polarised")}
      {one("contact")}
    </>
  );
}
