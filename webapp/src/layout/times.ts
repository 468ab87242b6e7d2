/** Times as people read them, in the viewer's language and zone. */

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
const short = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

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
  new Intl.NumberFormat(undefined, {
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
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" }).format(date);
}

/** A DICOM person name (PS3.5 6.2, PN) without carets: "Doe, Jane". */
export function personName(value: string): string {
  const [alphabetic = ""] = value.split("=");
  const [family = "", ...given] = alphabetic.split("^");
  const rest = given.filter(Boolean).join(" ");
  return rest ? `${family}, ${rest}` : family;
}
