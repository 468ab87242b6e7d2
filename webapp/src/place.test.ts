// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import { apiRoot, explorerPage, orthancRoot, pageRoot } from "./place";

describe("the page knows its place from the base address", () => {
  it.each([
    ["http://orthanc:8042/router/app/", "/router/app", "http://orthanc:8042/router/", "http://orthanc:8042/"],
    [
      "https://hospital.example/pacs/router/app/",
      "/pacs/router/app",
      "https://hospital.example/pacs/router/",
      "https://hospital.example/pacs/",
    ],
  ])("%s", (base, page, api, orthanc) => {
    expect(pageRoot(base)).toBe(page);
    expect(apiRoot(base)).toBe(api);
    expect(orthancRoot(base)).toBe(orthanc);
  });
});

describe("a study is opened in Orthanc", () => {
  it.each([
    ["", "app/explorer.html#study?uuid=abc"],
    [
      "ui/app/filtered-studies?StudyInstanceUID={uid}&expand=study",
      "ui/app/filtered-studies?StudyInstanceUID=1.2.3&expand=study",
    ],
  ])("with %s", (studyPage, address) => {
    expect(explorerPage("study", "abc", "1.2.3", studyPage)).toBe(orthancRoot() + address);
  });
});
