// SPDX-License-Identifier: GPL-3.0-or-later
/** What a policy does with what it matches, as it crosses the API. */
import type {
  AnonymizationInput,
  DeleteInput,
  ForwardInput,
  LabelInput,
  ModifyInput,
  NotifyInput,
  ProcessInput,
  RedactionInput,
  TransformInput,
  WindowInput,
} from "./schema";

export type { AttachmentsOutput as Attachments } from "./schema";

export type Priority = ForwardAction["priority"];
export const priorities = ["urgent", "normal", "bulk"] as const satisfies readonly Priority[];

/** Hours in which deliveries may be made; `from` after `to` crosses midnight, the same is the whole day. */
export type Window = Required<Omit<WindowInput, "timezone">> & Pick<WindowInput, "timezone">;
export type Day = Window["days"][number];
export const days = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const satisfies readonly Day[];

/** A text (a template), a number, or several of them for a tag of several values. */
export type TagValues = NonNullable<TransformInput["replace"]>;
export type TagValue = TagValues[string];

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
] as const satisfies readonly (keyof AnonymizationInput)[];
export type Retention = (typeof retentions)[number];
export type Anonymization = AnonymizationInput;

/** Left, top, width and height in pixels. */
export type Rectangle = NonNullable<RedactionInput["rectangles"]>[number];
export type Redaction = RedactionInput;

/** What is changed in an image on its way; what is absent changes nothing. */
export type Transform = TransformInput;

/** An action as the editor keeps it: it always has what all actions have. */
type Edited<Written extends Pick<ForwardInput, "priority" | "select" | "window">> = Omit<Written, "window"> &
  Required<Pick<Written, "priority" | "select">> & { window?: Window | null };

export type ForwardAction = Edited<ForwardInput>;
export type NotifyAction = Edited<NotifyInput>;
export type ProcessAction = Edited<ProcessInput>;
export type ModifyAction = Edited<ModifyInput>;
export type DeleteAction = Edited<DeleteInput>;
export type LabelAction = Edited<LabelInput>;

export const packings = ["multipart", "zip", "instance"] as const satisfies readonly ProcessAction["send"][];

export type Action = ForwardAction | NotifyAction | ProcessAction | ModifyAction | DeleteAction | LabelAction;

/** The destination that an action uses, where it uses one. */
export function destinationOf(action: Action): string | undefined {
  return "destination" in action ? action.destination : undefined;
}
