/** What a policy does with what it matches, as it crosses the API. */
import type { Level } from "./documents";

export const priorities = ["urgent", "normal", "bulk"] as const;
export type Priority = (typeof priorities)[number];

export const days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
export type Day = (typeof days)[number];

/** Hours in which deliveries may be made; `from` after `to` crosses midnight, the same is the whole day. */
export interface Window {
  days: Day[];
  from: string;
  to: string;
  /** A name of the IANA time zone database; null means the zone of Orthanc's machine. */
  timezone?: string | null;
}

/** A text (a template), a number, or several of them for a tag of several values. */
export type TagValue = string | number | (string | number)[];
export type TagValues = Record<string, TagValue>;

/** The options of PS3.15 E.3. */
export const retentions = [
  "retain_uids",
  "retain_device_identity",
  "retain_institution_identity",
  "retain_patient_characteristics",
  "retain_dates",
  "retain_safe_private",
  "clean_structured_content",
  "clean_graphics",
  "clean_descriptors",
] as const;
export type Retention = (typeof retentions)[number];

export type Anonymization = Partial<Record<Retention, boolean>> & {
  retain_private?: string[];
  /** Tags that nobody knows, and texts that the profile's table does not name. */
  unknown_and_free_text?: "remove" | "keep";
};

/** Left, top, width and height in pixels. */
export type Rectangle = [number, number, number, number];

export interface Redaction {
  /** One with a name is in the library that other policies take redactions from. */
  name?: string;
  /** Tags and what they equal; none at all means every image. */
  when?: TagValues;
  /** A rule as policies have it; written by hand only. */
  rule?: unknown;
  /** Also everything outside of the image's ultrasound regions. */
  outside_regions?: boolean;
  rectangles?: Rectangle[];
}

/** What is changed in an image on its way; what is absent changes nothing. */
export interface Transform {
  redact?: Redaction[];
  /** Whether the areas of the library of devices count as well. */
  redact_devices?: boolean;
  anonymize?: boolean | Anonymization;
  uids?: "keep" | "regenerate" | null;
  date_shift?: number | null;
  /** Pseudonyms, UIDs and date shifts of its own; `@destination` for each destination. */
  project?: string | null;
  remove_private?: boolean;
  /** What becomes of images with burned-in annotation that no redaction is for. */
  burned_in?: "send" | "hold" | "refuse";
  keep?: string[];
  remove?: string[];
  replace?: TagValues;
  insert?: TagValues;
  transfer_syntax?: string | null;
}

interface AnyAction {
  id?: string | null;
  priority: Priority;
  window?: Window | null;
  select: "all" | "matching";
}

interface DestinationAction extends AnyAction {
  /** The destination's id, or its name. */
  destination: string;
}

interface ImagesAction extends DestinationAction {
  /** Whether the destination is sent, too, what came from it or was made there. */
  send_back?: boolean;
}

export interface ForwardAction extends ImagesAction {
  type: "forward";
  transform?: Transform | null;
}

export interface Attachments {
  preview: boolean;
  series_csv: boolean;
  max_bytes: number;
}

export interface NotifyAction extends DestinationAction {
  type: "notify";
  to?: string[];
  cc?: string[];
  bcc?: string[];
  subject?: string;
  body?: string;
  html?: string;
  attachments?: Partial<Attachments>;
  /** For a program: JSON whose texts are templates, instead of the router's own event. */
  payload?: Record<string, unknown> | null;
}

export const packings = ["multipart", "zip", "instance"] as const;

export interface ProcessAction extends ImagesAction {
  type: "process";
  send?: (typeof packings)[number];
  deadline_seconds?: number;
}

export interface ModifyAction extends AnyAction {
  type: "modify";
  transform: Transform;
  keep_original?: boolean;
}

export interface DeleteAction extends AnyAction {
  type: "delete";
}

export interface LabelAction extends AnyAction {
  type: "label";
  label: string;
  level?: Level | null;
}

export type Action = ForwardAction | NotifyAction | ProcessAction | ModifyAction | DeleteAction | LabelAction;

/** The destination that an action uses, where it uses one. */
export function destinationOf(action: Action): string | undefined {
  return "destination" in action ? action.destination : undefined;
}
