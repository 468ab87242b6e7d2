// SPDX-License-Identifier: GPL-3.0-or-later
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { draw } from "../testing/render";
import { serve, type Asked } from "../testing/server";
import { AlteredNotice } from "./AlteredNotice";

afterEach(() => vi.unstubAllGlobals());

function page(id: string): Asked[] {
  const altered = [{ kind: "policy", id: "p1", name: "CT", since: "2026-11-30T02:10:00Z" }];
  const asked = serve(({ path }) => ({
    body: path === "health" ? { status: "degraded", altered, user: { roles: ["edit"] } } : {},
  }));
  draw(<AlteredNotice collection="policies" id={id} />);
  return asked;
}

describe("a document that was changed outside the router", () => {
  it("is named, and accepted as it is", async () => {
    const asked = page("p1");
    expect((await screen.findByRole("status")).textContent).toMatch(/CT.*was changed outside.*2026/);
    expect(screen.getByRole("link", { name: /History/ }).getAttribute("href")).toBe("/policies/p1/history");
    await userEvent.click(screen.getByRole("button", { name: "Accept" }));
    await waitFor(() =>
      expect(asked.find(({ method }) => method === "POST")).toMatchObject({ path: "policies/p1/accept" }),
    );
  });

  it("is the only one with a notice", async () => {
    const asked = page("p2");
    await waitFor(() => expect(asked.some(({ path }) => path === "health")).toBe(true));
    expect(screen.queryByRole("status")).toBeNull();
  });
});
