// SPDX-License-Identifier: GPL-3.0-or-later
import {
  Anchor,
  Badge,
  createTheme,
  InputWrapper,
  Menu,
  Notification,
  type CSSVariablesResolver,
} from "@mantine/core";

export const theme = createTheme({
  primaryColor: "cyan",
  // Dark enough for white text on it (WCAG 2.1, contrast of 4.5).
  primaryShade: { light: 9, dark: 9 },
  autoContrast: true,
  luminanceThreshold: 0.25,
  defaultRadius: "md",
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
  headings: { fontWeight: "650" },
  cursorType: "pointer",
  components: {
    // Links are as large as the text they stand in; hints stand below fields, so that fields align.
    Anchor: Anchor.extend({ defaultProps: { inherit: true } }),
    // A state is short, and never cut off.
    Badge: Badge.extend({
      styles: { root: { overflow: "visible", maxWidth: "none" }, label: { overflow: "visible" } },
    }),
    InputWrapper: InputWrapper.extend({
      defaultProps: { inputWrapperOrder: ["label", "input", "description", "error"] },
    }),
    // Nothing but its items may be in a menu; the first of them has the focus.
    Menu: Menu.extend({ defaultProps: { withInitialFocusPlaceholder: false } }),
    Notification: Notification.extend({
      styles: { description: { color: "var(--mantine-color-dimmed)" } },
    }),
  },
});

/** Mantine's dimmed text, the text of its badges, and its buttons under the mouse are too faint for small print. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {
    "--mantine-primary-color-filled-hover": "#0a6072",
    "--mantine-color-cyan-filled-hover": "#0a6072",
  },
  light: {
    "--mantine-color-dimmed": "#5c636a",
    "--mantine-color-error": "#c92a2a",
    "--mantine-primary-color-light-color": "#0a6072",
    "--mantine-color-cyan-light-color": "#0a6072",
    "--mantine-color-green-light-color": "#1b6030",
    "--mantine-color-orange-light-color": "#8f3a00",
    "--mantine-color-red-light-color": "#a51d1d",
    "--page-background": "#f6f7f9",
  },
  dark: {
    "--mantine-color-dimmed": "#a6adb4",
    "--mantine-color-error": "#ff8787",
    "--page-background": "var(--mantine-color-dark-8)",
  },
});
