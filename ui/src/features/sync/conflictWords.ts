import type { TFunction } from "i18next";
import { SIDES, SITES } from "../../design/bodySites";
import type { Formatter } from "../../design/format";

const PATIENT_FIELDS = ["full_name", "born", "sex", "phone", "national_id", "address"] as const;
const OTHER_FIELDS = ["text", "label", "site", "side", "role", "cloud_consent", "legal_hold", "outline"] as const;

/** A field's name as the screens write it; one that this version does not know by its own. */
export function fieldWords(t: TFunction, field: string): string {
  const patient = PATIENT_FIELDS.find((one) => one === field);
  if (patient) return t(`patientField.${patient}`);
  const other = OTHER_FIELDS.find((one) => one === field);
  return other ? t(`conflictField.${other}`) : t("conflict.field", { name: field });
}

/** A value that came as JSON, as the screens write it. */
export function valueWords(t: TFunction, format: Formatter, field: string, json: string): string {
  const value = parsed(json);
  if (value === null || value === "") return t("conflict.nothing");
  if (field === "cloud_consent" && isConsent(value))
    return t(value.given ? "conflict.agreed" : "conflict.notAgreed", { when: format.dateTime(value.at) });
  if (field === "legal_hold" && typeof value === "boolean") return t(value ? "conflict.held" : "conflict.notHeld");
  if (field === "outline" && isDrawn(value))
    return t("conflict.drawn", {
      when: format.dateTime(value.at),
      percent: format.percent(value.measurements.area / 100),
    });
  if (typeof value !== "string") return JSON.stringify(value);
  if (field === "born" && /^\d{4}(-\d{2}-\d{2})?$/.test(value)) return format.born(value);
  if (field === "sex" && (value === "MALE" || value === "FEMALE" || value === "OTHER")) return t(`sex.${value}`);
  const side = field === "side" && SIDES.find((one) => one === value);
  if (side) return t(`side.${side}`);
  const site = field === "site" && SITES.find((one) => one === value);
  return site ? t(`site.${site}`) : value;
}

/** Who recorded it comes as an id, which says nothing to anybody. */
function isConsent(value: unknown): value is { given: boolean; at: string } {
  if (typeof value !== "object" || value === null || !("given" in value) || !("at" in value)) return false;
  return typeof value.given === "boolean" && !Number.isNaN(Date.parse(String(value.at)));
}

/** Its corners say nothing to anybody either: when it was drawn and how much of the photo it encloses do. */
function isDrawn(value: unknown): value is { at: string; measurements: { area: number } } {
  if (typeof value !== "object" || value === null || !("at" in value) || !("measurements" in value)) return false;
  const { at, measurements } = value;
  if (typeof measurements !== "object" || measurements === null || !("area" in measurements)) return false;
  return typeof measurements.area === "number" && !Number.isNaN(Date.parse(String(at)));
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
