/** Destinations, and what describes them, as they cross the API. */
import type { Stored } from "./documents";

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
  concurrency: number | null;
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
