import { useMemo } from "react";
import { useTranslation } from "react-i18next";

export type Language = "vi" | "en";

const LOCALES: Record<Language, string> = { vi: "vi-VN", en: "en-GB" };
const NBSP = "\u00a0";
const DAY_MS = 86_400_000;

/** Numbers and dates in the reader's way. Instants come as RFC 3339 in UTC and are shown in this machine's zone. */
export function formatter(language: Language) {
  const locale = LOCALES[language];
  const day = new Intl.DateTimeFormat(locale, { day: "2-digit", month: "2-digit", year: "numeric" });
  const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const ago = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const number = (value: number, digits = 0) =>
    new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
  const percentSign = language === "vi" ? `${NBSP}%` : "%";

  const date = (instant: string) => day.format(new Date(instant));
  const time = (instant: string) => clock.format(new Date(instant));
  return {
    number,
    date,
    time,
    dateTime: (instant: string) => `${date(instant)} ${time(instant)}`,
    /** "2026-11-23": a day without a zone. */
    day: (isoDay: string) => day.format(localMidnight(isoDay)),
    /** "1961-03-12" or "1961". */
    born: (born: string) => (born.length === 4 ? born : day.format(localMidnight(born))),
    dayAgo: (instant: string, now = new Date()) => {
      const days = Math.round((startOfDay(new Date(instant)) - startOfDay(now)) / DAY_MS);
      if (Math.abs(days) < 14) return ago.format(days, "day");
      if (Math.abs(days) < 84) return ago.format(Math.round(days / 7), "week");
      if (Math.abs(days) < 730) return ago.format(Math.round(days / 30.44), "month");
      return ago.format(Math.round(days / 365.25), "year");
    },
    /** To the minute, then the hour, then the day; what lies ahead of a clock that was set back is now. */
    ago: (instant: string, now = new Date()) => {
      const minutes = Math.max(0, Math.floor((now.getTime() - new Date(instant).getTime()) / 60_000));
      if (minutes === 0) return ago.format(0, "second");
      if (minutes < 60) return ago.format(-minutes, "minute");
      if (minutes < 48 * 60) return ago.format(-Math.floor(minutes / 60), "hour");
      return ago.format(-Math.floor(minutes / 1440), "day");
    },
    /** A share of 1. Never rounds to certainty or to nothing; `digits` where a threshold is near. */
    percent: (share: number, digits = 0) => {
      const least = 10 ** -(digits + 2) / 2;
      if (share > 0 && share < least) return `<${NBSP}${number(100 * 2 * least, digits)}${percentSign}`;
      if (share < 1 && share > 1 - least) return `>${NBSP}${number(100 - 100 * 2 * least, digits)}${percentSign}`;
      return `${number(share * 100, digits)}${percentSign}`;
    },
    bytes: (bytes: number) => {
      const units = ["B", "kB", "MB", "GB", "TB"];
      let value = bytes;
      let unit = 0;
      while (value >= 1000 && unit < units.length - 1) {
        value /= 1000;
        unit += 1;
      }
      return `${number(value, unit > 1 && value < 100 ? 1 : 0)}${NBSP}${units[unit]}`;
    },
  };
}

export type Formatter = ReturnType<typeof formatter>;

export function useFormat(): Formatter {
  const { i18n } = useTranslation();
  const language: Language = i18n.language === "en" ? "en" : "vi";
  return useMemo(() => formatter(language), [language]);
}

/** Local calendar day of an instant, for grouping: "2026-11-22". */
export function localDay(instant: string): string {
  const at = new Date(instant);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** Whole years on `today`; `about` where only the year of birth is known. */
export function age(born: string, today = new Date()): { years: number; about: boolean } {
  const [year = 0, month, day] = born.split("-").map(Number);
  const years = today.getFullYear() - year;
  if (month === undefined || day === undefined) return { years, about: true };
  const beforeBirthday = today.getMonth() + 1 < month || (today.getMonth() + 1 === month && today.getDate() < day);
  return { years: beforeBirthday ? years - 1 : years, about: false };
}

function localMidnight(isoDay: string): Date {
  const [year = 1970, month = 1, day = 1] = isoDay.split("-").map(Number);
  return new Date(year, month - 1, day);
}

function startOfDay(at: Date): number {
  return Date.UTC(at.getFullYear(), at.getMonth(), at.getDate());
}

const two = (value: number) => String(value).padStart(2, "0");
