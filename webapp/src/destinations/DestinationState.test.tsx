// SPDX-License-Identifier: GPL-3.0-or-later
import { screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { draw } from "../testing/render";
import { serve } from "../testing/server";
import { DestinationState } from "./DestinationState";

afterEach(() => vi.unstubAllGlobals());

const lane = {
  destination: { id: "pacs", name: "PACS", kind: "dicom" },
  enabled: true,
  waiting: 2,
  held: 0,
  running: 1,
  retrying: 3,
  succeeded: 9,
  failed: 4,
  cancelled: 0,
};

function show(more: object): void {
  serve(() => ({ body: { status: "ok", lanes: [{ ...lane, ...more }] } }));
  draw(<DestinationState id="pacs" />);
}

describe("the state of a destination", () => {
  it("leads to its queue and to what has failed, and says the last error", async () => {
    show({
      breaker: "open",
      last_error: "nobody listens",
      last_success_at: "2026-01-02T03:04:05Z",
      away_since: "2026-01-02T04:04:05Z",
    });
    const waiting = await screen.findByRole("link", { name: "6" });
    expect(waiting.getAttribute("href")).toContain(
      "/deliveries?state=waiting&state=running&state=retrying&state=held&destination=pacs",
    );
    expect(screen.getByRole("link", { name: "4" }).getAttribute("href")).toContain(
      "/deliveries?state=failed&destination=pacs",
    );
    expect(screen.getByText("nobody listens")).toBeTruthy();
    expect(screen.getByText("Not reachable since")).toBeTruthy();
  });

  it("is quiet where nothing has happened", async () => {
    show({ waiting: 0, running: 0, retrying: 0, failed: 0 });
    await screen.findByText("Last delivered");
    expect(screen.queryByRole("link")).toBeNull();
    expect(screen.queryByText("Last error")).toBeNull();
  });
});
