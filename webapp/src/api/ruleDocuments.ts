/** What rules are built of, and what the router says of them, as it crosses the API. */
import type { Delivery, DeliveryResource } from "./deliveryDocuments";
import type { Level } from "./documents";
import type { RepeatedImages } from "./healthDocuments";
import type { ConditionValue, Trigger } from "./policyDocuments";

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
  /** By action: images that came from its destination, and do not go back to it. */
  not_sent_back?: { action: { id: string; type: string }; destination: string; instances: number }[];
  deliveries: Delivery[];
}

/** Every policy's verdict on a stored resource, and what came of it. */
export interface ResourceExplanation {
  resource: DeliveryResource;
  instances: number;
  facts: Record<string, string>;
  /** What somebody had Orthanc make this of, outside of the router. */
  made_from?: { how: "anonymized" | "modified"; level: Level; id: string } | null;
  policies: PolicyVerdict[];
  deliveries: Delivery[];
  deliveries_total: number;
  /** Of its whole study. */
  repeated?: RepeatedImages | null;
}
