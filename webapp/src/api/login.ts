// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * How the page says who is asking where Orthanc is told by tokens (its authorization plugin, Keycloak) and not
 * by the browser's own login. A token comes in the page's address, as Orthanc Explorer and Orthanc Explorer 2
 * take it, or was left by Explorer 2 in the storage that pages of one address share. Cookies are not used.
 */

/** What a token may be called: the parameter of the address, the key in the storage and the header alike. */
const names = ["token", "auth-token", "authorization"] as const;

/** Where Explorer 2 keeps the token that Keycloak gives it, always fresh while it is open; sent as `token`. */
const keycloak = "vue-token";

/** Where a token of the page's own address is kept for as long as its tab is open. */
const own = "orthanc-router.login";

/** Take a token out of the page's address, where it would stay in bookmarks and in the browser's history. */
export function takeTokenFromAddress(): void {
  const address = new URL(window.location.href);
  const given = names.flatMap((name) => {
    const value = address.searchParams.get(name);
    return value ? [[name, value] as const] : [];
  });
  if (given.length === 0) return;
  window.sessionStorage.setItem(own, JSON.stringify(Object.fromEntries(given)));
  for (const name of names) address.searchParams.delete(name);
  window.history.replaceState(window.history.state, "", address);
}

/** The headers that say who is asking; none where the browser's own login does. */
export function loginHeaders(): Record<string, string> {
  const given = window.sessionStorage.getItem(own);
  return given === null ? explorerHeaders() : (JSON.parse(given) as Record<string, string>);
}

/**
 * Forget a token of the page's own address that was refused, where Explorer 2 has left another one; whether it was
 * so. Without another one it stays, so that people are told that their login has run out.
 */
export function forgetRefusedToken(): boolean {
  if (window.sessionStorage.getItem(own) === null || Object.keys(explorerHeaders()).length === 0)
    return false;
  window.sessionStorage.removeItem(own);
  return true;
}

/** What Explorer 2 has left in the storage that it shares with the page. */
function explorerHeaders(): Record<string, string> {
  const token = window.localStorage.getItem(keycloak);
  if (token) return { token };
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = window.localStorage.getItem(name);
      return value ? [[name, value]] : [];
    }),
  );
}

/** Whether a token says who is asking, so that the browser will not ask for a password. */
export function hasToken(): boolean {
  return Object.keys(loginHeaders()).length > 0;
}
