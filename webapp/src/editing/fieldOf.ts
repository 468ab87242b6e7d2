// SPDX-License-Identifier: GPL-3.0-or-later
import type { Fault } from "../api/client";

const focusable = "input:not([type=hidden]), textarea, select, button, a[href], [tabindex]";

/** The field of the form that says this fault, outside of the list of faults; else the first one near its words. */
export function fieldOf(fault: Fault, list: HTMLElement): HTMLElement | null {
  const form = list.closest("form");
  if (!form) return null;
  for (const field of form.querySelectorAll<HTMLElement>('[aria-invalid="true"]')) {
    const described = (field.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
    const words = described.map((id) => document.getElementById(id)?.textContent ?? "");
    if (words.some((text) => text.includes(fault.message))) return field;
  }
  const said = document.createTreeWalker(form, NodeFilter.SHOW_TEXT);
  while (said.nextNode()) {
    const near = said.currentNode.parentElement;
    if (near && !list.contains(near) && said.currentNode.textContent?.includes(fault.message))
      return fieldNear(near, form);
  }
  return null;
}

function fieldNear(words: HTMLElement, form: HTMLElement): HTMLElement | null {
  for (let around: HTMLElement | null = words; around && around !== form; around = around.parentElement) {
    const field = around.querySelector<HTMLElement>(focusable);
    if (field) return field;
  }
  return null;
}
