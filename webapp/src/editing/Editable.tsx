// SPDX-License-Identifier: GPL-3.0-or-later
import type { ReactNode } from "react";
import { useMay } from "../api/health";
import classes from "./Editable.module.css";

/** A part of a form: those who may only look cannot change or press anything in it. */
export function Editable({ children }: { children: ReactNode }) {
  return (
    <fieldset className={classes.part} disabled={!useMay("edit")}>
      {children}
    </fieldset>
  );
}
