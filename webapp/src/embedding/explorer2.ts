// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Runs inside Orthanc Explorer 2, not in the page: adds an entry to its side bar that shows the page in a frame
 * beside it. Explorer 2 has no option for that. Of its own page, this needs: a list `#menu-content` inside
 * `.nav-side-layout`, whose first item holds a link, and `.content` beside it. Where these are missing, nothing
 * happens.
 */
import { takeWanted } from "./wanted";

/** Where the page is: this script lies in its root. */
const page = import.meta.url.replace(/[^/]*$/, "");

const entryId = "orthanc-router-entry";
const frameId = "orthanc-router-frame";
const title = "Routing";

/** From this share of the window's width on, the side bar leaves too little for a frame. */
const tooWide = 0.5;

function sideBar(): HTMLElement | null {
  return document.querySelector<HTMLElement>(".nav-side-layout:has(#menu-content)");
}

function frame(): HTMLIFrameElement | null {
  return document.querySelector<HTMLIFrameElement>(`#${frameId}`);
}

/** Show the page beside the side bar: at an address, or as it was left. */
function show(address?: string): void {
  const left = sideBar()?.getBoundingClientRect().right ?? window.innerWidth;
  if (left > window.innerWidth * tooWide) {
    window.location.assign(address ?? page);
    return;
  }
  let shown = frame();
  if (!shown) {
    shown = document.createElement("iframe");
    shown.id = frameId;
    shown.title = title;
    shown.src = address ?? page;
    document.body.append(shown);
  } else if (address) {
    // So that the page can ask about changes that are not saved.
    shown.contentWindow?.location.assign(address);
  }
  shown.style.cssText = `position: fixed; top: 0; left: ${left}px; width: calc(100% - ${left}px); height: 100%; border: 0; z-index: 10`;
  mark(true);
}

/** Hide the frame; what is in it stays as it is, such as changes that are not saved. */
function hide(): void {
  const shown = frame();
  if (shown) shown.style.display = "none";
  mark(false);
}

function isShown(): boolean {
  const shown = frame();
  return shown !== null && shown.style.display !== "none";
}

/** Show which of the two is in front; what is behind is out of reach, also for keyboards. */
function mark(routing: boolean): void {
  document.getElementById(entryId)?.classList.toggle("active", routing);
  const content = document.querySelector<HTMLElement>(".content");
  // Parts of the list of studies lie above anything else of its page.
  if (content) content.style.visibility = routing ? "hidden" : "";
}

/** The entry, made after the first one, so that it looks like it in every version; once. */
function addEntry(): void {
  const menu = sideBar()?.querySelector("#menu-content");
  if (!menu || document.getElementById(entryId)) return;
  const first = menu.querySelector(":scope > li");
  const firstLink = first?.querySelector("a");
  if (!first || !firstLink) return;
  const entry = first.cloneNode() as HTMLElement;
  entry.id = entryId;
  const link = firstLink.cloneNode() as HTMLAnchorElement;
  link.classList.remove("router-link-active", "router-link-exact-active");
  link.removeAttribute("aria-current");
  link.href = page;
  const icon = firstLink.querySelector("i")?.cloneNode() as HTMLElement | undefined;
  if (icon) {
    icon.className = "fa fa-route fa-lg menu-icon";
    link.append(icon);
  }
  link.append(title);
  entry.append(link);
  menu.append(entry);
  if (isShown()) mark(true);
  // The side bar is there only once somebody has logged in.
  const wanted = takeWanted(page);
  if (wanted) show(wanted);
}

/** A plain click on a link to the page shows it in the frame; one on another place of the side bar leaves it. */
function clicked(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || !(event.target instanceof Element)) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest<HTMLAnchorElement>("a[href]");
  if (link && `${link.href}/`.startsWith(page) && sideBar()) {
    event.preventDefault();
    event.stopPropagation();
    const isEntry = link.parentElement?.id === entryId;
    show(isEntry ? undefined : link.href);
  } else if (isShown() && event.target.closest(".nav-side-layout :is(a, .sub-menu li)")) {
    hide();
  }
}

document.addEventListener("click", clicked, true);
window.addEventListener("popstate", hide);
window.addEventListener("resize", () => {
  if (isShown()) show();
});
new MutationObserver(addEntry).observe(document.body, { childList: true, subtree: true });
addEntry();
