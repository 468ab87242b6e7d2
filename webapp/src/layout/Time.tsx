// SPDX-License-Identifier: GPL-3.0-or-later
import { Tooltip } from "@mantine/core";
import { use } from "react";
import { texts } from "../texts";
import { NowContext } from "./now";
import { exactTime, relativeTime } from "./times";

/** How long ago (or how soon) something is; the exact time on hover and for screen readers. */
export function Time({ at }: { at: string | null | undefined }) {
  const now = use(NowContext);
  if (!at) return <>{texts.common.time.noTime}</>;
  return (
    <Tooltip label={exactTime(at)} withArrow>
      <time dateTime={at} aria-label={`${relativeTime(at, now)}, ${exactTime(at)}`}>
        {relativeTime(at, now)}
      </time>
    </Tooltip>
  );
}
