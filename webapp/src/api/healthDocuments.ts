/** How the router is, as it crosses the API. */
import type { DeliveryState } from "./deliveryDocuments";

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

/** A destination that cannot be reached. */
export interface Absence {
  code: string;
  message: string;
  destination: { id: string; name: string; kind: string };
  since?: string | null;
  /** Deliveries that wait for it. */
  waiting: number;
}

/** A policy or destination that was changed outside the router, and when that was noticed. */
export interface Altered {
  kind: "policy" | "destination";
  id: string;
  name: string;
  since: string;
}

/** Images that came again and that Orthanc did not keep. */
export interface RepeatedImages {
  since: string;
  images: number;
  /** How many of them differ from what is stored. */
  differing: number;
  /** How many could not be compared. */
  uncompared: number;
  /** In which tags, by keyword. */
  tags?: string[];
  /** The last time; and who sent it. */
  at?: string;
  aet?: string;
  /** The last study that differed, or the last of all where none did; as Orthanc calls it. */
  study?: string;
}

export interface Health {
  /** Warning: the router works, and a destination cannot be reached. */
  status: "ok" | "warning" | "degraded";
  name?: string;
  version?: string;
  problems?: { code: string; message: string }[];
  warnings?: Absence[];
  /** Policies and destinations that were changed in the database, by others than the router. */
  altered?: Altered[];
  intake?: {
    lag_changes?: number | null;
    lag_seconds?: number | null;
    cursor?: number | null;
    /** Images that have come in since the router's start. */
    instances?: number;
    /** Absent where Orthanc overwrites, or does not tell. */
    /** Null where Orthanc drops such images without a word; what is to be said of it. */
    repeated?: RepeatedImages | null;
    repeated_not_counted?: string;
  };
  store?: { kind?: string; description?: string; ok?: boolean; checked_at?: string | null };
  orthanc?: {
    version?: string;
    aet?: string;
    dicom_port?: number;
    plugin_version?: string;
    study_page?: string;
  };
  deliveries?: Partial<Record<DeliveryState, number>>;
  lanes?: Lane[];
  /** All that share the store, this one too. */
  nodes?: { id: string; name: string; state: NodeState; lag_seconds: number | null }[];
  user?: { name?: string | null; roles?: Role[] };
}
