// SPDX-License-Identifier: GPL-3.0-or-later
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Run } from "../api/runs";
import { blankPolicy } from "../policies/draft";
import { draw } from "../testing/render";
import { serve, type Asked } from "../testing/server";
import { PreviewPanel, type PreviewPanelProps } from "./PreviewPanel";

afterEach(() => vi.unstubAllGlobals());

const user = userEvent.setup();
const draft = { ...blankPolicy(10, "d1"), name: "CT" };
const archive = { id: "d1", name: "Archive", kind: "dicom" };

const running: Run = {
  id: "r1",
  kind: "preview",
  state: "running",
  policy: { id: "p1", name: "CT", revision: 3 },
  request: {},
  created_at: "2026-01-31T12:00:00Z",
  created_by: "ada",
  started_at: "2026-01-31T12:00:00Z",
  finished_at: null,
  progress: { studies_done: 2, studies_total: 8, instances: 40 },
  error: null,
  report: null,
};
const finished: Run = {
  ...running,
  kind: "preview",
  state: "finished",
  report: {
    studies: { matched: 2, unmatched: 6, gained: 1, lost: 0 },
    instances: 30,
    bytes: 15_000_000,
    compared_revision: 2,
    destinations: [
      { destination: archive, action: { id: "a1", type: "forward" }, studies: 2, instances: 30, bytes: 15e6 },
    ],
    samples: [],
  },
};

/** Draws the panel before a server that answers each look at the run with the next of these. */
function panel(props: PreviewPanelProps, ...states: Run[]): Asked[] {
  const left = [...states];
  const asked = serve(({ path, method }) => {
    if (method === "POST" && /(preview|replay|simulate)$/.test(path)) return { status: 202, body: left[0] };
    if (path.startsWith("runs/r1/studies")) return { body: { items: [], total: 0 } };
    if (path === "runs/r1") return { body: left.length > 1 ? left.shift() : left[0] };
    return undefined;
  });
  draw(<PreviewPanel {...props} />);
  return asked;
}

const button = (name: string) => screen.findByRole("button", { name });

describe("the preview of a policy", () => {
  it("follows the run and tells what came of it", async () => {
    const asked = panel({ stored: { id: "p1", revision: 3 }, draft: undefined }, running, running, finished);
    await user.click(await button("Preview"));
    expect(await screen.findByText(/2 of 8 studies/)).toBeTruthy();
    expect(await button("Pause")).toBeTruthy();
    expect(await screen.findByText(/Gained and lost against revision 2/, {}, { timeout: 5000 })).toBeTruthy();
    expect(screen.getByRole("cell", { name: "Archive" })).toBeTruthy();
    const { path, body } = asked.find(({ method }) => method === "POST") ?? {};
    expect(path).toBe("policies/p1/preview");
    expect(Object.keys(body as object)).toEqual(["from"]);
  });

  it("of a policy that is not saved sends the draft, which can be replayed once it is saved", async () => {
    const unsaved: Run = { ...finished, policy: { id: null, name: "CT", revision: null } };
    const asked = panel({ stored: undefined, draft }, unsaved);
    await user.click(screen.getByRole("radio", { name: "All that is stored" }));
    await user.click(await button("Preview"));
    expect(await screen.findByText("Save the policy to replay it.")).toBeTruthy();
    expect((await button("Replay")).hasAttribute("disabled")).toBe(true);
    expect(asked.find(({ method }) => method === "POST")).toMatchObject({ path: "preview", body: { draft } });
  });

  it("is out of date once somebody has saved the policy", async () => {
    panel({ stored: { id: "p1", revision: 4 }, draft: undefined }, finished);
    await user.click(await button("Preview"));
    expect(await screen.findByText(/The policy has changed since this preview/)).toBeTruthy();
  });

  it("is replayed after a person has seen the numbers", async () => {
    const asked = panel({ stored: { id: "p1", revision: 3 }, draft: undefined }, finished);
    await user.click(await button("Preview"));
    await user.click(await button("Replay"));
    const question = within(await screen.findByRole("dialog"));
    expect(question.getByText(/2 studies with 30 images \(15 MB\)/)).toBeTruthy();
    expect(question.getByText("30 images to Archive")).toBeTruthy();
    await user.click(question.getByRole("button", { name: "Replay 2 studies" }));
    await waitFor(() =>
      expect(asked.find(({ path }) => path.endsWith("replay"))).toMatchObject({
        path: "policies/p1/replay",
        body: { run: "r1", again: false, priority: "bulk" },
      }),
    );
  });

  it("says what of the draft is not right", async () => {
    const details = [{ path: "rule.all[0].value", message: "is missing" }];
    serve(({ method }) =>
      method === "POST"
        ? { status: 422, body: { error: { code: "invalid", message: "", details } } }
        : undefined,
    );
    draw(<PreviewPanel stored={undefined} draft={draft} />);
    await user.click(await button("Preview"));
    expect(await screen.findByText("rule › all › 1 › value: is missing")).toBeTruthy();
  });
});

describe("the simulation of a policy", () => {
  it("asks for the days, and shows missed windows", async () => {
    const action = { id: "a1", type: "forward" };
    const simulated: Run = {
      ...running,
      kind: "simulation",
      state: "finished",
      report: {
        hours: [
          {
            at: "2026-01-30T10:00:00Z",
            destination: archive,
            deliveries: 4,
            instances: 9,
            bytes: 1,
            queue: 3,
          },
        ],
        totals: [{ destination: archive, deliveries: 4, instances: 9, bytes: 1 }],
        missed_windows: [
          { action, destination: archive, deliveries: 2, message: "2 deliveries wait until Monday" },
        ],
      },
    };
    const asked = panel({ stored: { id: "p1", revision: 3 }, draft: undefined }, simulated);
    await user.click(screen.getByRole("radio", { name: "Simulate" }));
    await user.clear(screen.getByRole("textbox", { name: "Days" }));
    await user.type(screen.getByRole("textbox", { name: "Days" }), "14");
    await user.click(await button("Simulate"));
    expect(await screen.findByText(/2 deliveries wait until Monday/)).toBeTruthy();
    expect(
      screen.getByRole("img", { name: /Deliveries in the queue by hour for Archive; at most 3/ }),
    ).toBeTruthy();
    expect(asked.find(({ method }) => method === "POST")).toMatchObject({
      path: "policies/p1/simulate",
      body: { days: 14 },
    });
  });
});
