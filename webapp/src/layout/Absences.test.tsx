// SPDX-License-Identifier: GPL-3.0-or-later
import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { Absence } from "../api/healthDocuments";
import { draw } from "../testing/render";
import { Absences } from "./Absences";

function away(name: string, waiting: number): Absence {
  const destination = { id: name.toLowerCase(), name, kind: "dicom" };
  return { code: "destination", message: "", destination, since: "2026-11-30T02:10:00Z", waiting };
}

describe("Destinations that cannot be reached", () => {
  it("are named with since when and how many deliveries wait", () => {
    draw(<Absences absences={[away("PACS", 68)]} />);
    expect(screen.getByRole("status").textContent).toMatch(
      /PACS cannot be reached since .*2026.*68 deliveries wait/,
    );
    const queue = screen.getByRole("link", { name: "68 deliveries wait for it" });
    expect(queue.getAttribute("href")).toContain("destination=pacs");
  });

  it("do not push the page out of sight where there are many", () => {
    draw(<Absences absences={["A", "B", "C", "D", "E"].map((name) => away(name, 1))} />);
    expect(screen.getByText("2 more destinations cannot be reached")).toBeTruthy();
    expect(screen.queryByText("D cannot be reached")).toBeNull();
  });

  it("take no room where there are none", () => {
    draw(<Absences absences={[]} />);
    expect(screen.queryByRole("status")).toBeNull();
  });
});
