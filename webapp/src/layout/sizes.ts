// SPDX-License-Identifier: GPL-3.0-or-later
import { language } from "./language";

/** Amounts of data as people read them, in the viewer's language. */

const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** "512 byte", "3.4 MB", with steps of a thousand. */
export function size(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: units[step] ?? "byte",
    maximumFractionDigits: step === 0 ? 0 : 1,
  }).format(bytes / 1000 ** step);
}
