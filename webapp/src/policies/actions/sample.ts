// SPDX-License-Identifier: GPL-3.0-or-later
import { createContext } from "react";
import type { TemplateSample } from "../../api/templates";

/** The stored study that the templates of a policy are shown filled in for; null where none is chosen. */
export const SampleContext = createContext<TemplateSample | null>(null);
