// SPDX-License-Identifier: GPL-3.0-or-later
import { apiRoot } from "../place";
import { forgetRefusedToken, loginHeaders } from "./login";
import type { ErrorContent, Fault } from "./schema";

export type { Fault };

/** An answer that is not a success. */
export class ApiError extends Error {
  constructor(
    /** The HTTP status; 0 where no answer came. */
    readonly status: number,
    /** The router's code for it, such as `revision_conflict`; empty where Orthanc itself answered. */
    readonly code: string,
    message: string,
    readonly faults: Fault[] = [],
    /** All that was answered. */
    readonly content?: unknown,
  ) {
    super(message);
    this.name = "ApiError";
  }

  get unreachable(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

/** Whether this person may not ask this, or has not logged in. */
export function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 401 || error.status === 403);
}

export type Filters = Record<string, string | number | readonly string[] | undefined>;

export interface RequestOptions {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  body?: unknown;
  filters?: Filters;
  /** The revision that the change is based on. */
  revision?: number;
  signal?: AbortSignal;
}

/** Ask the router's API; `path` is relative to `/router/`. Raises ApiError. */
export async function request<Answer>(path: string, options: RequestOptions = {}): Promise<Answer> {
  const response = await ask(path, options);
  return parse(await response.text()) as Answer;
}

/** What the API answers as a file. Raises ApiError. */
export async function requestFile(path: string, filters: Filters): Promise<Blob> {
  return (await ask(path, { filters })).blob();
}

async function ask(path: string, options: RequestOptions): Promise<Response> {
  const headers = new Headers({ Accept: "application/json", ...loginHeaders() });
  const method = options.method ?? "GET";
  // Also without a body: no other site can send this header, and so the router knows us.
  if (method !== "GET") headers.set("Content-Type", "application/json");
  if (options.revision !== undefined) headers.set("If-Match", `"${options.revision}"`);
  let response: Response;
  try {
    response = await fetch(address(path, options.filters), {
      method,
      headers,
      body: options.body === undefined ? null : JSON.stringify(options.body),
      signal: options.signal ?? null,
      credentials: "same-origin",
    });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError(0, "unreachable", cause instanceof Error ? cause.message : String(cause));
  }
  if (response.ok) return response;
  const error = asError(response.status, parse(await response.text()));
  if (meansNobody(error, path) && forgetRefusedToken()) return ask(path, options);
  throw error;
}

/** Whether an answer says that the token stands for nobody, rather than for somebody who may not do this. */
function meansNobody(error: ApiError, path: string): boolean {
  return isRefusal(error) && (!error.code || (error.code === "not_allowed" && path === "health"));
}

/** The URL of an API path with its filters; a list repeats its name. */
export function address(path: string, filters: Filters = {}): string {
  const url = new URL(path, apiRoot());
  for (const [name, value] of Object.entries(filters)) {
    if (value === undefined || value === "") continue;
    for (const one of typeof value === "object" ? value : [value]) url.searchParams.append(name, String(one));
  }
  return url.href;
}

function parse(text: string): unknown {
  if (!text) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Where Orthanc itself has answered, nothing of it need be there. */
interface ErrorBody {
  error?: Partial<ErrorContent>;
}

function asError(status: number, content: unknown): ApiError {
  const error = typeof content === "object" && content !== null ? (content as ErrorBody).error : undefined;
  return new ApiError(status, error?.code ?? "", error?.message ?? "", error?.details ?? [], content);
}
