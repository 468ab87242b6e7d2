// SPDX-License-Identifier: GPL-3.0-or-later
import { TextInput } from "@mantine/core";
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { ApiError } from "../api/client";
import { draw } from "../testing/render";
import { FaultList } from "./FaultList";

const faults = [
  { path: "name", message: "is missing" },
  { path: "settings.port", message: "must be at most 65535" },
  { path: "trigger.level", message: "no field shows this" },
];

it("lists every fault in words, as a link to the field that has it", async () => {
  // What draws the page in tests scrolls nothing.
  Element.prototype.scrollIntoView = vi.fn();
  draw(
    <form>
      <FaultList
        error={new ApiError(422, "invalid", "wrong", faults)}
        faults={faults}
        shown={/^(name|settings\..+)$/}
      />
      <TextInput label="Name" error="is missing" />
      <fieldset>
        <button type="button">Choose</button>
        <p>must be at most 65535 · must be a number</p>
      </fieldset>
    </form>,
  );
  const list = screen.getByRole("alert");
  expect(list.textContent).toContain("Please fix 3 problems");
  expect(list.textContent).toContain("when it fires › level: no field shows this");
  expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Name" }));
  await userEvent.click(screen.getByRole("button", { name: "connection › port: must be at most 65535" }));
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "Choose" }));
  await userEvent.click(screen.getByRole("button", { name: "name: is missing" }));
  expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Name" }));
  expect(screen.queryByRole("button", { name: /no field shows this/ })).toBeNull();
});
