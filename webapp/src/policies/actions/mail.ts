// SPDX-License-Identifier: GPL-3.0-or-later
import type { NotifyAction } from "../../api/actions";

/** Whether an action says anything that only a mail has. */
export function hasMail(action: NotifyAction): boolean {
  const { to, cc, bcc, subject, body, html, attachments } = action;
  const texts = [subject, body, html, ...(to ?? []), ...(cc ?? []), ...(bcc ?? [])];
  return texts.some(Boolean) || Boolean(attachments?.preview) || Boolean(attachments?.series_csv);
}
