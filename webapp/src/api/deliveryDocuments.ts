/** Deliveries, and what was made of what, as they cross the API. */
import type { Priority } from "./actions";
import type { Level } from "./documents";

export const states = ["waiting", "held", "running", "retrying", "succeeded", "failed", "cancelled"] as const;
export type DeliveryState = (typeof states)[number];

export interface Attempt {
  at: string;
  seconds: number;
  error?: string | null;
}

export interface DeliveryResource {
  level: Level;
  id: string;
  study: string;
  series: string;
  patient_id: string;
  patient_name: string;
  accession_number: string;
  study_description: string;
  study_date: string;
  modality: string;
  study_instance_uid: string;
  series_instance_uid: string;
}

export interface Delivery {
  id: string;
  state: DeliveryState;
  lane: string;
  priority: Priority;
  /** Null where a person has asked for it by hand. */
  policy: { id: string; name: string; revision: number } | null;
  action: { id: string; type: string };
  destination?: { id: string; name: string; kind: string } | null;
  resource: DeliveryResource;
  /** Its images came after the policy had fired for the rest of the series or study. */
  late?: boolean;
  /** Of images that came late: how many do not match the rule themselves, but others of the series or study. */
  unmatched?: number;
  /** Who has sent its images here; the AE title is empty for what came by HTTP. */
  senders?: { aet: string; ip: string }[];
  instances: number;
  remaining: number;
  attempts: Attempt[];
  attempt_count: number;
  note?: string | null;
  next_attempt_at?: string | null;
  created_at: string;
  finished_at?: string | null;
  /** The delivery that failed for good and whose place this one takes. */
  instead_of?: string | null;
  /** The replay, or the routing by hand, that has made it. */
  run?: string | null;
  /** What it has made in this Orthanc; of one delivery only, not in lists. */
  lineage?: { results: { source: Place; result: Place; service?: string | null }[] } | null;
  /** Orthanc's identifiers of its images; of one delivery only, not in lists. */
  instance_ids?: string[];
}

/** An Orthanc resource with those that it is in; empty where the level has none. */
export interface Place {
  level: Level;
  id: string;
  series: string;
  study: string;
}

/** That something was made out of something. */
export interface LineageStep {
  source: { level: Level; id: string };
  result: { level: Level; id: string };
  policy: { id: string; name: string; revision: number };
  action: { id: string; type: string };
  /** The name of the service that made it; null where the router did. */
  service?: string | null;
  delivery: string;
  hops: number;
  made_at: string;
  instances: number;
}

/** What a stored resource was made of, and what was made of it, over all steps. */
export interface Lineage {
  sources: LineageStep[];
  results: LineageStep[];
  /** False where there are more steps than one answer has. */
  complete: boolean;
}
