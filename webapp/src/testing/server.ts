// SPDX-License-Identifier: GPL-3.0-or-later
import { vi } from "vitest";

/** What was asked of the server. */
export interface Asked {
  method: string;
  /** Path and query, as below `/router/`. */
  path: string;
  body: unknown;
  headers: Headers;
}

type Answer = (asked: Asked) => { status?: number; body?: unknown } | undefined;

/**
 * Put a server in the place of the network for one test; answers what was asked, in order.
 * A request that `answer` knows nothing of gets a 404.
 */
export function serve(answer: Answer): Asked[] {
  const asked: Asked[] = [];
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    const { pathname, search } = new URL(url);
    const one: Asked = {
      method: init.method ?? "GET",
      path: pathname.replace(/^.*?\/router\//, "").replace(/^\//, "") + search,
      body: typeof init.body === "string" ? (JSON.parse(init.body) as unknown) : undefined,
      headers: new Headers(init.headers),
    };
    asked.push(one);
    const { status = 200, body } = answer(one) ?? {
      status: 404,
      body: { error: { code: "not_found", message: "There is no such route." } },
    };
    return Promise.resolve(new Response(body === undefined ? null : JSON.stringify(body), { status }));
  });
  return asked;
}
