// SPDX-License-Identifier: GPL-3.0-or-later
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { draw } from "../testing/render";
import { serve } from "../testing/server";
import type { DeliveryState } from "../api/deliveryDocuments";
import { OrderAll } from "./OrderAll";

afterEach(() => vi.unstubAllGlobals());
const user = userEvent.setup();

function found(states: DeliveryState[], total: number, stale = false) {
  const asked = serve(({ method }) => (method === "POST" ? { body: { count: total } } : undefined));
  draw(<OrderAll filter={{ state: states, policy: "p1" }} total={total} stale={stale} />);
  return () => asked.filter(({ method }) => method === "POST");
}

describe("Orders for all deliveries found", () => {
  it("ask before retrying, and carry the filter and the number as shown", async () => {
    const orders = found(["failed"], 4);
    await user.click(screen.getByRole("button", { name: "Retry all 4 found" }));
    expect(orders()).toEqual([]);
    await user.click(await screen.findByRole("button", { name: "Retry deliveries" }));
    await waitFor(() => expect(orders()).toHaveLength(1));
    expect(orders()[0]?.body).toEqual({ state: "failed", policy: "p1", count: 4 });
  });

  it("ask once more where some were cancelled by a person", async () => {
    found(["failed", "cancelled"], 30);
    await user.click(screen.getByRole("button", { name: "Retry all 30 found" }));
    const confirm = await screen.findByRole<HTMLButtonElement>("button", { name: "Retry deliveries" });
    expect(confirm.disabled).toBe(true);
    await user.click(screen.getByRole("checkbox"));
    expect(confirm.disabled).toBe(false);
  });

  it("cannot be given while the list belongs to another filter", () => {
    found(["failed"], 4, true);
    const button = screen.getByRole<HTMLButtonElement>("button", { name: "Retry all found" });
    expect(button.disabled).toBe(true);
  });

  it("are not lost with the list under the question", async () => {
    const orders = found(["waiting"], 7);
    await user.click(screen.getByRole("button", { name: "Cancel all 7 found" }));
    await user.click(await screen.findByRole("button", { name: "Cancel deliveries" }));
    await waitFor(() => expect(orders()).toHaveLength(1));
    expect(orders()[0]?.body).toEqual({ state: "waiting", policy: "p1", count: 7 });
  });
});
