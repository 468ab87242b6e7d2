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

export interface Health {
  /** Warning: the router works, and a destination cannot be reached. */
  status: "ok" | "warning" | "degraded";
  name?: string;
  version?: string;
  problems?: { code: string; message: string }[];
  warnings?: Absence[];
  intake?: {
    lag_changes?: number | null;
    lag_seconds?: number | null;
    cursor?: number | null;
    /** Images that have come in since the router's start. */
    instances?: number;
  };
  store?: { kind?: string; description?: string; ok?: boolean };
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
