// SPDX-License-Identifier: GPL-3.0-or-later
import type { Schema, Settings } from "../api/destinationDocuments";

/** The settings that another kind also has. */
export function settingsFor(schema: Schema, settings: Settings): Settings {
  const known = new Set(Object.keys(schema.properties ?? {}));
  return Object.fromEntries(Object.entries(settings).filter(([name]) => known.has(name)));
}

/** Where a destination leads, in a few words for a list. */
export function whereabouts(settings: Settings): string {
  const text = (name: string): string => {
    const value = settings[name];
    return typeof value === "string" || typeof value === "number" ? String(value) : "";
  };
  const host = [text("host"), text("port")].filter(Boolean).join(":");
  const address = [text("aet"), host].filter(Boolean).join(" @ ");
  return (
    text("modality") ||
    text("peer") ||
    text("server") ||
    text("url") ||
    [address, text("path")].filter(Boolean).join(" ")
  );
}
