import type { ExplainedCondition, Explanation } from "../../api/documents";
import type { Tags } from "../../rules/tagText";

/** What an example must not carry of a real patient (a selection of PS3.15, Table E.1-1). */
const identifyingTags = new Set([
  "AccessionNumber",
  "OtherPatientIDs",
  "PatientAddress",
  "PatientBirthDate",
  "PatientID",
  "PatientName",
  "ReferringPhysicianName",
  "SeriesInstanceUID",
  "SOPInstanceUID",
  "StudyID",
  "StudyInstanceUID",
]);

/** The tags among these that may tell whose image it is. */
export function identifying(tags: Tags): string[] {
  return Object.keys(tags).filter((tag) => identifyingTags.has(tag));
}

/** The tags that a rule has asked for, with the values that it has found: all that its verdict hangs on. */
export function tagsOf(explanation: Explanation): Tags {
  const tags: Tags = {};
  // One value of a tag is said by the whole tag too, where the rule asks for that.
  const found = conditions(explanation).toSorted((a, b) => Number(picksOne(b.tag)) - Number(picksOne(a.tag)));
  for (const condition of found) {
    const values = condition.actual ?? [];
    if (values.length > 0) put(tags, stepsOf(condition.tag), values, condition.vr);
  }
  return tags;
}

function conditions(explanation: Explanation): ExplainedCondition[] {
  return "group" in explanation ? explanation.children.flatMap(conditions) : [explanation];
}

interface Step {
  tag: string;
  index: number | undefined;
}

/** The steps of a path through sequences; a creator's name may have dots and brackets of its own. */
function stepsOf(path: string): Step[] {
  return (path.match(/(?:"[^"]*"|[^."])+/g) ?? []).map((step) => {
    const found = /^(.*)\[(\d+)\]$/.exec(step);
    return found ? { tag: found[1] ?? "", index: Number(found[2]) } : { tag: step, index: undefined };
  });
}

function picksOne(path: string): boolean {
  return stepsOf(path).at(-1)?.index !== undefined;
}

function put(tags: Tags, [step, ...inner]: Step[], values: unknown[], vr: string | null | undefined): void {
  if (!step) return;
  const { tag, index = 0 } = step;
  if (inner.length > 0 || vr === "SQ") {
    const items = (Array.isArray(tags[tag]) ? tags[tag] : []) as Tags[];
    while (items.length <= index) items.push({});
    tags[tag] = items;
    put(items[index] ?? {}, inner, values, vr);
    return;
  }
  const moment = vr === "DA" ? /^(\d{8})(\d.*)$/.exec(String(values[0])) : null;
  if (moment) {
    // A date that was compared together with its time of day.
    tags[tag] = moment[1];
    tags[tag.replace(/Date$/, "Time")] = moment[2];
    return;
  }
  const all = [...Array<string>(index).fill(""), ...values];
  tags[tag] = all.length === 1 ? all[0] : all;
}
