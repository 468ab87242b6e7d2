// SPDX-License-Identifier: GPL-3.0-or-later
import { createContext } from "react";

/** The present, in milliseconds since 1970, as all relative times of the page see it. */
export const NowContext = createContext(0);
