// SPDX-License-Identifier: GPL-3.0-or-later
import { createContext, use } from "react";
import type { Fault } from "../api/client";
import { isWithin } from "./paths";

/** The faults of the document being edited, for the fields that have them. */
export const FaultsContext = createContext<Fault[]>([]);

/** What is wrong at this place of the document; with `within`, also at places inside it. */
export function useFault(place: string, within = false): string | undefined {
  const found = use(FaultsContext).filter((fault) =>
    within ? isWithin(fault.path, place) : fault.path === place,
  );
  return found.length > 0 ? found.map((fault) => fault.message).join(" · ") : undefined;
}

/** Whether something is wrong at one of these places, or inside it. */
export function useFaultIn(places: string[]): boolean {
  return use(FaultsContext).some((fault) => places.some((place) => isWithin(fault.path, place)));
}
