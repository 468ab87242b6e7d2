// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, describe, expect, it, vi } from "vitest";
import { serve } from "../testing/server";
import { request } from "./client";
import { hasToken, loginHeaders, takeTokenFromAddress } from "./login";

afterEach(() => {
  vi.unstubAllGlobals();
  window.sessionStorage.clear();
  window.localStorage.clear();
  window.history.replaceState(null, "", "/");
});

describe("who is asking", () => {
  it("is left to the browser where there is no token", () => {
    takeTokenFromAddress();
    expect(loginHeaders()).toEqual({});
    expect(hasToken()).toBe(false);
  });

  it.each(["token", "auth-token", "authorization"])("is told by %s of the address", (name) => {
    window.history.replaceState(null, "", `/router/app/deliveries?state=failed&${name}=abc#top`);
    takeTokenFromAddress();
    expect(loginHeaders()).toEqual({ [name]: "abc" });
    expect(window.location.href).toMatch(/\/router\/app\/deliveries\?state=failed#top$/);
  });

  it("stays when the page is loaded again without the token", () => {
    window.history.replaceState(null, "", "/?token=abc");
    takeTokenFromAddress();
    takeTokenFromAddress();
    expect(hasToken()).toBe(true);
  });

  it("is told by what Explorer 2 keeps of Keycloak, as fresh as it is", () => {
    window.localStorage.setItem("vue-token", "old");
    window.localStorage.setItem("vue-token", "fresh");
    expect(loginHeaders()).toEqual({ token: "fresh" });
  });

  it("is told by what Explorer 2 keeps of its own address", () => {
    window.localStorage.setItem("auth-token", "abc");
    expect(loginHeaders()).toEqual({ "auth-token": "abc" });
  });

  it("is told rather by the page's own address", () => {
    window.localStorage.setItem("vue-token", "explorer");
    window.history.replaceState(null, "", "/?token=mine");
    takeTokenFromAddress();
    expect(loginHeaders()).toEqual({ token: "mine" });
  });

  it("is told by Explorer 2 once the token of the page's own address is refused", async () => {
    window.history.replaceState(null, "", "/?token=of+yesterday");
    takeTokenFromAddress();
    window.localStorage.setItem("vue-token", "fresh");
    const asked = serve(({ headers }) =>
      headers.get("token") === "fresh" ? { body: {} } : { status: 403, body: undefined },
    );
    await request("policies");
    expect(asked.map(({ headers }) => headers.get("token"))).toEqual(["of yesterday", "fresh"]);
    expect(loginHeaders()).toEqual({ token: "fresh" });
  });

  it("stays where it is refused and there is no other, or where it stands for somebody who may not", async () => {
    window.history.replaceState(null, "", "/?token=mine");
    takeTokenFromAddress();
    const refused = { status: 403, body: undefined };
    serve(() => refused);
    await expect(request("policies")).rejects.toMatchObject({ status: 403 });
    window.localStorage.setItem("vue-token", "of somebody else");
    serve(() => ({ status: 403, body: { error: { code: "not_allowed", message: "" } } }));
    await expect(request("policies")).rejects.toMatchObject({ code: "not_allowed" });
    expect(loginHeaders()).toEqual({ token: "mine" });
  });

  it("goes along with each request", async () => {
    window.localStorage.setItem("token", "abc");
    const asked = serve(() => ({ body: {} }));
    await request("health");
    expect(asked[0]?.headers.get("token")).toBe("abc");
  });
});
