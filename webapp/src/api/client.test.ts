// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, describe, expect, it, vi } from "vitest";
import { serve } from "../testing/server";
import { address, ApiError, request } from "./client";

afterEach(() => vi.unstubAllGlobals());

async function errorOf(asking: Promise<unknown>): Promise<ApiError> {
  const error = await asking.then(
    () => null,
    (cause: unknown) => cause,
  );
  if (!(error instanceof ApiError)) throw new Error("this should have been an ApiError");
  return error;
}

describe("request", () => {
  it("sends JSON, and the revision that a change is based on", async () => {
    const asked = serve(() => ({ body: { id: "p1" } }));
    expect(await request("policies/p1", { method: "PUT", body: { name: "A" }, revision: 3 })).toEqual({
      id: "p1",
    });
    expect(asked[0]).toMatchObject({ method: "PUT", path: "policies/p1", body: { name: "A" } });
    expect(asked[0]?.headers.get("If-Match")).toBe('"3"');
    expect(asked[0]?.headers.get("Content-Type")).toBe("application/json");
  });

  it("answers undefined where there is no content", async () => {
    serve(() => ({ status: 204 }));
    expect(await request("policies/p1", { method: "DELETE" })).toBeUndefined();
  });

  it("tells what is wrong, field by field", async () => {
    const details = [{ path: "rule.all[0].tag", message: "There is no tag Modalty" }];
    serve(() => ({ status: 422, body: { error: { code: "invalid", message: "…", details } } }));
    expect(await errorOf(request("policies", { method: "POST", body: {} }))).toMatchObject({
      status: 422,
      code: "invalid",
      faults: details,
      unreachable: false,
    });
  });

  it("copes with errors that Orthanc itself answers", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("<html>Unauthorized</html>", { status: 401 })));
    expect(await errorOf(request("health"))).toMatchObject({ status: 401, code: "", faults: [] });
  });

  it("says so when nobody answers", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    expect(await errorOf(request("health"))).toMatchObject({ status: 0, unreachable: true });
  });
});

describe("address", () => {
  it("repeats a list, and leaves out what is empty", () => {
    const url = new URL(
      address("deliveries", { state: ["failed", "held"], search: "", policy: undefined, limit: 5 }),
    );
    expect(url.search).toBe("?state=failed&state=held&limit=5");
  });
  it("escapes what people type", () => {
    expect(new URL(address("deliveries", { search: "Müller&limit=1" })).searchParams.get("search")).toBe(
      "Müller&limit=1",
    );
  });
});
