// SPDX-License-Identifier: GPL-3.0-or-later
/** Times as people read them, in the page's language and the viewer's zone. */
import { language } from "./language";

const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
const exact = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });
const short = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "3 min. ago", "in 2 hr."; beyond a week the date. */
export function relativeTime(at: string, now: number): string {
  const seconds = (Date.parse(at) - now) / 1000;
  if (Math.abs(seconds) >= 7 * 86_400) return short.format(new Date(at));
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return Math.abs(seconds) < 10
    ? relative.format(0, "second")
    : relative.format(Math.trunc(seconds), "second");
}

export function exactTime(at: string): string {
  return exact.format(new Date(at));
}

const duration = (value: number, unit: string): string =>
  new Intl.NumberFormat(language, {
    style: "unit",
    unit,
    unitDisplay: "short",
    maximumFractionDigits: 1,
  }).format(value);

/** "40 ms", "2.5 sec", "3 min". */
export function lengthOfTime(seconds: number): string {
  if (seconds < 1) return duration(Math.round(seconds * 1000), "millisecond");
  if (seconds < 120) return duration(seconds, "second");
  if (seconds < 7200) return duration(seconds / 60, "minute");
  return duration(seconds / 3600, "hour");
}

/** A DICOM date (PS3.5 6.2, DA) in the viewer's form; as it is where it is none. */
export function dicomDate(value: string): string {
  const found = /^(\d{4})(\d{2})(\d{2})$/.exec(value);
  if (!found) return value;
  const date = new Date(Date.UTC(Number(found[1]), Number(found[2]) - 1, Number(found[3])));
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" }).format(date);
}

/**
 * A DICOM person name without carets: "Doe, Jane". Ideographic and phonetic groups follow in brackets:
 * "Yamada, Tarou (山田, 太郎 · やまだ, たろう)" (PS3.5 6.2.1.2).
 */
export function personName(value: string): string {
  const [first = "", ...others] = value.split("=").map(nameGroup).filter(Boolean);
  return others.length > 0 ? `${first} (${others.join(" · ")})` : first;
}

function nameGroup(group: string): string {
  const [family = "", ...given] = group.split("^").map((part) => part.trim());
  const rest = given.filter(Boolean).join(" ");
  return family && rest ? `${family}, ${rest}` : family || rest;
}
