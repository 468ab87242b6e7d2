// SPDX-License-Identifier: GPL-3.0-or-later
/** The product's mark: one way in, three ways out. */
export function Logo() {
  return (
    <svg width="28" height="28" viewBox="0 0 32 32" aria-hidden focusable="false">
      <rect width="32" height="32" rx="8" fill="#0b7285" />
      <g fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round">
        <path d="M9 16h5c4 0 3.5-7 9-7M14 16h9M14 16c4 0 3.5 7 9 7" />
      </g>
      <g fill="#fff">
        <circle cx="8" cy="16" r="3.2" />
        <circle cx="24" cy="9" r="2.6" />
        <circle cx="24" cy="16" r="2.6" />
        <circle cx="24" cy="23" r="2.6" />
      </g>
    </svg>
  );
}
