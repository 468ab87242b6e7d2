// SPDX-License-Identifier: GPL-3.0-or-later
import { ApiError, type Fault } from "../api/client";
import { hasToken } from "../api/login";
import { keepWanted } from "../embedding/wanted";
import { orthancRoot } from "../place";
import { texts } from "../texts";

export interface ProblemWords {
  title: string;
  text: string;
  /** What is wrong in detail, with its place in the document. */
  faults?: Fault[];
  /** The way out where there is one besides trying again. */
  action?: { label: string; run: () => void };
}

/** What went wrong, in words for an administrator; the server's own words come first where it has some. */
export function problemWords(error: unknown): ProblemWords {
  const { problems } = texts;
  if (!(error instanceof ApiError)) {
    return {
      title: problems.server.title,
      text: error instanceof Error ? error.message : problems.server.text,
    };
  }
  // Orthanc's authorization plugin answers 403 to all who may not, also to a token that has run out.
  if (error.status === 403 && !error.code) {
    return {
      ...(hasToken() ? problems.token : problems.login),
      action: { label: problems.login.action, run: logIn },
    };
  }
  if (error.status === 401) {
    const action = { label: problems.unauthorized.action, run: () => window.location.reload() };
    return { ...problems.unauthorized, action };
  }
  if (error.status === 403)
    return { title: problems.forbidden.title, text: error.message || problems.forbidden.text };
  if (error.status === 404)
    return { title: problems.notFound.title, text: error.message || problems.notFound.text };
  if (error.status === 409) return { title: problems.conflict.title, text: error.message };
  if (error.status === 422) {
    const { faults } = error;
    return faults.length > 0
      ? { title: problems.invalid.fix(faults.length), text: "", faults }
      : { title: problems.invalid.title, text: error.message };
  }
  if (error.unreachable) {
    return error.code && error.code !== "unreachable"
      ? { title: problems.storeAway.title, text: error.message || problems.storeAway.text }
      : problems.unreachable;
  }
  return { title: problems.server.title, text: error.message || problems.server.text };
}

/** Leave the page for Orthanc's own login; Explorer 2 leads back (`embedding/explorer2.ts`). */
function logIn(): void {
  keepWanted();
  (window.top ?? window).location.assign(orthancRoot());
}
