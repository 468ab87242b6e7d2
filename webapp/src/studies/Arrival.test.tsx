// SPDX-License-Identifier: GPL-3.0-or-later
import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { ResourceExplanation } from "../api/ruleDocuments";
import { draw } from "../testing/render";
import { Arrival } from "./Arrival";

const explanation = { facts: {} } as unknown as ResourceExplanation;

describe("What came in", () => {
  it.each([
    ["anonymized", /by anonymizing another image/],
    ["modified", /by modifying another image/],
  ] as const)("names what it was %s from", (how, words) => {
    const origin = { how, level: "instance", id: "abc" } as const;
    draw(<Arrival level="instance" id="def" explanation={{ ...explanation, made_from: origin }} />);
    const link = screen.getByRole("link");
    expect(link.parentElement?.textContent).toMatch(words);
    expect(link.getAttribute("href")).toContain("/instances/abc");
  });

  it("names nothing where it came from outside", () => {
    draw(<Arrival level="instance" id="def" explanation={{ ...explanation, made_from: null }} />);
    expect(screen.queryByRole("link")).toBeNull();
  });
});
