/** The documents of the router as they cross its API. */
import type { Action, Priority } from "./actions";
import type { PolicyWarning } from "./checks";

export interface List<Item> {
  items: Item[];
  total: number;
}

export const levels = ["instance", "series", "study"] as const;
export type Level = (typeof levels)[number];

/** What the server adds to every stored document. */
export interface Stored {
  id: string;
  revision: number;
  created_at: string;
  updated_at: string;
  updated_by: string;
  /** Of a policy that has just been saved: what is most likely not meant in it. */
  warnings?: PolicyWarning[];
}

export type ConditionValue = string | number | readonly (string | number)[];

export interface Condition {
  tag: string;
  operator: string;
  value?: ConditionValue | null;
  case_sensitive?: boolean;
  description?: string;
}

export type RuleNode = { all: RuleNode[] } | { any: RuleNode[] } | { not: RuleNode } | Condition;

export interface Trigger {
  level: Level;
  quiet_seconds?: number | null;
}

/** A policy's own example: tags, or something that is stored. */
export interface Case {
  name: string;
  tags?: Record<string, unknown>;
  resource?: { level: Level; id: string };
  matches: boolean;
}

export interface PolicyDraft {
  name: string;
  description: string;
  enabled: boolean;
  order: number;
  trigger: Trigger;
  rule: RuleNode;
  fallback: boolean;
  stop: boolean;
  actions: Action[];
  cases: Case[];
  /** Why it is saved; of each save alone. */
  comment: string;
}

export type Policy = PolicyDraft & Stored;

export interface Retry {
  attempts: number;
  initial_seconds: number;
  max_seconds: number;
}

export type Settings = Record<string, unknown>;

export interface DestinationDraft {
  name: string;
  kind: string;
  enabled: boolean;
  /** Outside the hospital: what goes there is meant to name no patient. */
  external: boolean;
  settings: Settings;
  retry: Retry;
  concurrency: number;
  batch: number;
  alternate: string | null;
  /** Why it is saved; of each save alone. */
  comment: string;
}

export type Destination = DestinationDraft &
  Stored & {
    /** The settings that are secrets and have a value, which is never shown. */
    secrets_set?: string[];
  };

/** A server's public key, and the fingerprint that people compare. */
export interface HostKey {
  host_key: string;
  fingerprint: string;
}

export interface TestResult {
  ok: boolean;
  detail: string;
  milliseconds: number;
}

/** The part of JSON Schema that settings are described with. */
export interface Schema {
  title?: string;
  description?: string;
  type?: string;
  format?: string;
  enum?: (string | number)[];
  const?: unknown;
  default?: unknown;
  examples?: unknown[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  writeOnly?: boolean;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  $ref?: string;
  $defs?: Record<string, Schema>;
}

export interface DestinationKind {
  kind: string;
  label: string;
  /** The types of the actions that can use it. */
  actions: string[];
  schema: Schema;
}

export interface Modality {
  name: string;
  aet: string;
  host: string;
  port: number;
}

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

/** What a person may do: look at everything; retry, pause, route; change policies and destinations. */
export type Role = "read" | "operate" | "edit";

export interface Lane {
  destination: { id: string; name: string; kind: string };
  waiting?: number;
  running?: number;
  retrying?: number;
  failed?: number;
  held?: number;
  breaker?: "closed" | "open" | "probing";
  last_error?: string | null;
  last_success_at?: string | null;
  next_probe_at?: string | null;
  enabled?: boolean;
  /** Images that have arrived there since the router's start. */
  instances?: number;
}

/** Drained: it takes no deliveries any more, and those it had have ended. Gone: it is heard of no more. */
export type NodeState = "active" | "draining" | "drained" | "gone";

export interface Health {
  status: "ok" | "degraded";
  name?: string;
  version?: string;
  problems?: { code: string; message: string }[];
  intake?: {
    lag_changes?: number | null;
    lag_seconds?: number | null;
    cursor?: number | null;
    /** Images that have come in since the router's start. */
    instances?: number;
  };
  store?: { kind?: string; description?: string; ok?: boolean };
  orthanc?: { version?: string; aet?: string; dicom_port?: number; plugin_version?: string };
  deliveries?: Partial<Record<DeliveryState, number>>;
  lanes?: Lane[];
  /** All that share the store, this one too. */
  nodes?: { id: string; name: string; state: NodeState; lag_seconds: number | null }[];
  user?: { name?: string | null; roles?: Role[] };
}

export interface Tag {
  keyword: string;
  name: string;
  tag: string;
  vr: string;
  vm?: string;
  retired?: boolean;
}

/** How many values an operator compares with. */
export type ValueForm = "none" | "one" | "two" | "list";

export interface Operator {
  name: string;
  label: string;
  vrs: string[];
  value: ValueForm;
  negates?: string | null;
}

export interface ExplainedGroup {
  group: "all" | "any" | "not";
  matches: boolean;
  children: Explanation[];
}

export interface ExplainedCondition {
  tag: string;
  keyword?: string | null;
  name?: string | null;
  vr?: string | null;
  operator: string;
  value?: ConditionValue | null;
  actual?: unknown[] | null;
  matches: boolean;
  reason?: string | null;
}

export type Explanation = ExplainedGroup | ExplainedCondition;

export interface Evaluation {
  matches: boolean;
  explanation: Explanation;
  /** Of a stored resource: how many of its images match, and how many it has. */
  matching_instances?: number;
  instances?: number;
}

/** A study as Orthanc itself describes it. */
export interface StoredStudy {
  ID: string;
  MainDicomTags: Partial<Record<string, string>>;
  PatientMainDicomTags: Partial<Record<string, string>>;
}

/** What one policy says of a stored resource. */
export interface PolicyVerdict {
  policy: {
    id: string;
    name: string;
    revision: number;
    enabled: boolean;
    order: number;
    trigger: Trigger;
    stop: boolean;
    fallback: boolean;
  };
  matches: boolean;
  skipped?: string | null;
  skipped_by?: string | null;
  reason?: string | null;
  explanation?: Explanation;
  instance?: string;
  matching_instances?: number;
  deliveries: Delivery[];
}

/** Every policy's verdict on a stored resource, and what came of it. */
export interface ResourceExplanation {
  resource: DeliveryResource;
  instances: number;
  facts: Record<string, string>;
  policies: PolicyVerdict[];
  deliveries: Delivery[];
  deliveries_total: number;
}
