// SPDX-License-Identifier: GPL-3.0-or-later
import { retentions, type Anonymization, type Transform } from "../../../api/actions";

/** What a part of the transform's form is given. */
export interface TransformPartProps {
  transform: Transform;
  /** Where the transform stands in the document, for its faults. */
  place: string;
  onChange: (transform: Transform) => void;
}

export interface TransformFormProps extends TransformPartProps {
  /** Whether the result is stored in this Orthanc, and not only sent. */
  stores: boolean;
  /** Where the result is sent to; empty where it is stored. */
  destination?: string;
}

/** Encodings that lose nothing (PS3.5, Annex A), the most compatible one first. */
export const transferSyntaxes = [
  "1.2.840.10008.1.2.1",
  "1.2.840.10008.1.2",
  "1.2.840.10008.1.2.1.99",
  "1.2.840.10008.1.2.4.90",
  "1.2.840.10008.1.2.4.80",
  "1.2.840.10008.1.2.4.70",
  "1.2.840.10008.1.2.4.201",
  "1.2.840.10008.1.2.5",
] as const;

/** The options of the de-identification; null where there is none. */
export function profileOf({ anonymize }: Transform): Anonymization | null {
  if (!anonymize) return null;
  return anonymize === true ? {} : anonymize;
}

/** The transform with other options; `true` says the same as no option at all. */
export function withProfile(transform: Transform, profile: Anonymization | null): Transform {
  if (!profile) return { ...transform, anonymize: false };
  const isBasic =
    !retentions.some((option) => profile[option]) &&
    !profile.retain_private?.length &&
    profile.unknown_and_free_text !== "keep";
  // De-identification decides about UIDs by itself.
  return { ...transform, anonymize: isBasic ? true : profile, uids: null };
}

/** The project whose pseudonyms a template has; empty for those that the whole installation shares. */
export function projectOf({ project }: Transform, destination: string): string {
  return project === "@destination" ? `${project} ${destination}` : (project ?? "");
}

/** Whether anything is changed that single tags can be kept from. */
export function changesMany(transform: Transform): boolean {
  const { anonymize, uids, date_shift, remove_private } = transform;
  return Boolean(anonymize) || uids === "regenerate" || Boolean(date_shift) || Boolean(remove_private);
}
