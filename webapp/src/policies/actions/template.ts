// SPDX-License-Identifier: GPL-3.0-or-later
import type { Action } from "../../api/actions";
import { texts } from "../../texts";

/** A template with another expression in it; a tag that is no plain keyword is read by `tag("...")`. */
export function inserted(template: string, at: number, expression: string): string {
  const plain = /^[A-Za-z_]\w*$/.test(expression) || /^\w+\(/.test(expression);
  const written = plain ? expression : `tag(${quoted(expression)})`;
  return `${template.slice(0, at)}{{ ${written} }}${template.slice(at)}`;
}

/** A template in which a filter is used on the value at this place, or else on the last one before it. */
export function filtered(template: string, at: number, filter: string): string {
  const ends = [...template.matchAll(/\s*\}\}/g)];
  const chosen = ends.find(({ index, 0: end }) => isInside(template, at) && index + end.length > at);
  const end = chosen ?? ends.findLast(({ index }) => index < at) ?? ends[0];
  return end ? `${template.slice(0, end.index)} | ${filter}${template.slice(end.index)}` : template;
}

/** Whether a place is within `{{ ... }}`. */
function isInside(template: string, at: number): boolean {
  return template.lastIndexOf("{{", at) > template.lastIndexOf("}}", at - 1);
}

/** A tag may have quotes of its own: those of a private creator. */
function quoted(tag: string): string {
  return tag.includes('"') ? `'${tag.replaceAll("'", "\\'")}'` : `"${tag}"`;
}

/** Whether any of the actions has a text that tags are filled into. */
export function hasTemplates(actions: Action[]): boolean {
  return JSON.stringify(actions).includes("{{");
}

/** Whether any of the actions changes images. */
export function hasTransforms(actions: Action[]): boolean {
  return actions.some((action) => "transform" in action && action.transform);
}

/** What the chosen study is for. */
export function sampleLabel(actions: Action[]): string {
  return hasTemplates(actions) ? texts.actions.template.sample : texts.actions.transform.trial.sample;
}

/** The texts of a document that something is filled into, with their places (`patient.name`, `codes[0]`). */
export function templatesIn(value: unknown, place = ""): { place: string; template: string }[] {
  if (typeof value === "string") return value.includes("{") && place ? [{ place, template: value }] : [];
  if (Array.isArray(value)) {
    return value.flatMap((one, position) => templatesIn(one, `${place}[${String(position)}]`));
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => templatesIn(one, place ? `${place}.${name}` : name));
}
