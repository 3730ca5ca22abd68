import { parseDay } from "../../design/parseDay";
import type { Patient, PatientDraft, Sex } from "../../ipc/bindings";

/** What stands in the form's fields, as typed. */
export type TypedPatient = {
  full_name: string;
  born: string;
  sex: Sex | "";
  phone: string;
  national_id: string;
  address: string;
};

export const emptyPatient: TypedPatient = { full_name: "", born: "", sex: "", phone: "", national_id: "", address: "" };
export const draftFields = ["full_name", "born", "sex", "phone", "national_id", "address"] as const;

/** "12/03/1961", "12-3-1961", "12.3.1961" and "1961" as the wire wants them; null for anything else and for days that are no days. */
export function parseBorn(typed: string, today = new Date()): string | null {
  const text = typed.trim();
  const yearOnly = /^(\d{4})$/.exec(text);
  if (yearOnly) return isYear(Number(text), today) ? text : null;
  const day = parseDay(text);
  if (!day || !isYear(Number(day.slice(0, 4)), today)) return null;
  return new Date(`${day}T00:00`) <= today ? day : null;
}

export function typedFrom(draft: PatientDraft): TypedPatient {
  return {
    full_name: draft.full_name,
    born: draft.born?.includes("-") ? draft.born.split("-").reverse().join("/") : (draft.born ?? ""),
    sex: draft.sex ?? "",
    phone: draft.phone ?? "",
    national_id: draft.national_id ?? "",
    address: draft.address ?? "",
  };
}

export function toDraft(typed: TypedPatient): PatientDraft {
  const orNull = (text: string) => text.trim() || null;
  return {
    full_name: typed.full_name.trim().replace(/\s+/g, " "),
    born: typed.born.trim() ? parseBorn(typed.born) : null,
    sex: typed.sex || null,
    phone: orNull(typed.phone),
    national_id: orNull(typed.national_id),
    address: orNull(typed.address),
  };
}

export function draftOf({ full_name, born, sex, phone, national_id, address }: Patient): PatientDraft {
  return { full_name, born, sex, phone, national_id, address };
}

export function sameDraft<Fields extends PatientDraft | TypedPatient>(one: Fields, other: Fields): boolean {
  return draftFields.every((name) => one[name] === other[name]);
}

/**
 * How a field of one record stands to the same field of another: an empty one says nothing about the person, a year
 * says nothing against a day of that year, and names, phones and ids are compared as the core compares them
 * (`store/fold.rs`).
 */
export function likeness(one: PatientDraft, other: PatientDraft, name: keyof PatientDraft): "same" | "differs" | null {
  const [a, b] = [folded(one[name], name), folded(other[name], name)];
  if (!a || !b) return null;
  if (a === b) return "same";
  if (name === "born" && (a.length === 4 || b.length === 4)) return a.slice(0, 4) === b.slice(0, 4) ? null : "differs";
  return "differs";
}

function folded(text: string | null, name: keyof PatientDraft): string {
  const plain = (text ?? "").normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("đ", "d");
  if (name !== "phone" && name !== "national_id") return plain.replace(/\s+/g, " ").trim();
  const number = plain.replace(/[^\p{Alphabetic}\p{N}]/gu, "");
  // Vietnam's country code before a number without its 0, or with it: 9 digits, or 10 of a landline.
  return name === "phone" ? number.replace(/^84(?:0|(?!0))(?=(?:\d{9}|2\d{9})$)/, "0") : number;
}

function isYear(year: number, today: Date): boolean {
  return year >= 1880 && year <= today.getFullYear();
}
