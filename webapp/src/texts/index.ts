// SPDX-License-Identifier: GPL-3.0-or-later
import { en } from "./en";

/** Every text of the page. Another language is another object of this type. */
export type Texts = typeof en;

export const texts: Texts = en;
