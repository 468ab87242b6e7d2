// SPDX-License-Identifier: GPL-3.0-or-later
import type { Retry } from "../api/destinationDocuments";

/** Seconds from the first attempt to the last one: each wait is twice the one before, up to the longest. */
export function spanOf({ attempts, initial_seconds, max_seconds }: Retry): number {
  let seconds = 0;
  let wait = initial_seconds;
  let left = attempts - 1;
  for (; left > 0 && wait < max_seconds; left -= 1) {
    seconds += wait;
    wait *= 2;
  }
  return seconds + Math.max(0, left) * max_seconds;
}
