// SPDX-License-Identifier: GPL-3.0-or-later
/** Destinations, and what describes them, as they cross the API. */
import type { Stored } from "./documents";
import type { ShownDestination, ShownKind } from "./schema";

export type { HostKey, Modality, RetryOutput as Retry, TestResult } from "./schema";
export type Destination = ShownDestination;
export type Settings = Destination["settings"];

/** What a person writes of a destination. */
export type DestinationDraft = Omit<Destination, keyof Stored | "secrets_set">;

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
  /** Whether few people need it. */
  "x-rare"?: boolean;
  /** What its values are called. */
  "x-labels"?: Record<string, string>;
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

export type DestinationKind = Omit<ShownKind, "schema"> & { schema: Schema };
