// SPDX-License-Identifier: GPL-3.0-or-later
import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { RepeatedImages } from "../api/healthDocuments";
import { draw } from "../testing/render";
import { RepeatedAnywhere, RepeatedOfStudy } from "./Repeated";

const corrected: RepeatedImages = {
  since: "2026-11-29T08:00:00Z",
  images: 3,
  differing: 2,
  uncompared: 0,
  tags: ["PatientName", "AccessionNumber"],
  at: "2026-11-30T02:10:00Z",
  aet: "SCANNER",
  study: "abc",
};
const alike = { ...corrected, differing: 0, tags: [] };

describe("Images that came again and were not kept", () => {
  it("are told on the page of the study, with who sent them, and what differs", () => {
    draw(<RepeatedOfStudy repeated={corrected} />);
    expect(screen.getByRole("status").textContent).toMatch(
      /came again \(3; last at .* from SCANNER\) and were not kept.*2, in PatientName, AccessionNumber.*delete/,
    );
  });

  it("are told without advice where none of them differs", () => {
    draw(<RepeatedOfStudy repeated={alike} />);
    expect(screen.getByRole("status").textContent).not.toMatch(/Differing|delete/);
  });

  it("lead from the overview to the study where they were corrections", () => {
    draw(<RepeatedAnywhere repeated={corrected} />);
    expect(screen.getByRole("link").getAttribute("href")).toContain("/studies/abc");
  });

  it("are not on the overview where they were not", () => {
    draw(<RepeatedAnywhere repeated={alike} />);
    expect(screen.queryByRole("status")).toBeNull();
  });
});
