import { describe, expect, it } from "vitest";
import { apiRoot, orthancRoot, pageRoot } from "./place";

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
