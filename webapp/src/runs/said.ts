// SPDX-License-Identifier: GPL-3.0-or-later
import type { Run } from "../api/runs";
import { texts } from "../texts";
import { language } from "../layout/language";

const words = texts.runs.selection;
const date = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });

/** What of the stored images a run is about, in words. */
export function said({ kind, request }: Run): string {
  if (kind === "simulation") return texts.runs.simulation.overDays(request.days ?? 7);
  const { from, to, studies, resources } = request;
  if (resources) return words.said.resources(resources.length);
  const parts = Object.entries(studies ?? {}).map(([tag, value]) => `${tag} ${value}`);
  if (from || to) parts.unshift(words.said.received(moment(from), moment(to)));
  return parts.join(" · ") || words.said.everything;
}

function moment(at: string | null | undefined): string {
  return at ? date.format(new Date(at)) : "";
}
