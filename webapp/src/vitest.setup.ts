// SPDX-License-Identifier: GPL-3.0-or-later
import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";

// What Mantine asks of a browser and jsdom does not have.
Object.defineProperty(window, "matchMedia", {
  value: (query: string) => ({
    matches: false,
    media: query,
    onchange: null,
    addEventListener: vi.fn(),
    removeEventListener: vi.fn(),
    addListener: vi.fn(),
    removeListener: vi.fn(),
    dispatchEvent: vi.fn(),
  }),
});
window.ResizeObserver = class {
  observe(): void {
    // Nothing has a size here.
  }
  unobserve(): void {
    // Nothing was observed.
  }
  disconnect(): void {
    // Nothing was observed.
  }
};
Object.defineProperty(document, "fonts", {
  value: { addEventListener: vi.fn(), removeEventListener: vi.fn() },
});
Element.prototype.scrollIntoView = vi.fn();
window.scrollTo = vi.fn();
// jsdom's files cannot be read but by the old way.
File.prototype.text = function () {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.readAsText(this);
  });
};

// A busy machine needs more than the second that is the default.
configure({ asyncUtilTimeout: 8000 });

afterEach(cleanup);
