// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from "vitest";
import type { Schema } from "../api/destinationDocuments";
import { fieldsOf, withValue } from "./schema";

const schema: Schema = {
  type: "object",
  required: ["host"],
  properties: {
    host: { type: "string", title: "Host", description: "Name or address" },
    port: {
      anyOf: [{ type: "integer", minimum: 1, maximum: 65535 }, { type: "null" }],
      default: null,
      title: "Port",
    },
    security: { $ref: "#/$defs/Security", default: "starttls", title: "Security" },
    password: {
      anyOf: [{ type: "string", format: "password" }, { type: "null" }],
      writeOnly: true,
      title: "Password",
    },
    verify: { type: "boolean", default: true, title: "Verify" },
    headers: { type: "object", additionalProperties: { type: "string" } },
    recipients: { type: "array", items: { type: "string" } },
    private_key: { type: "string", format: "multiline", writeOnly: true },
  },
  $defs: {
    Security: { type: "string", enum: ["none", "starttls", "ssl"], "x-labels": { none: "Not encrypted" } },
  },
};

describe("the form of a schema", () => {
  it("has the input that each setting asks for", () => {
    expect(fieldsOf(schema).map(({ name, input }) => [name, input])).toEqual([
      ["host", "text"],
      ["port", "whole"],
      ["security", "choice"],
      ["password", "password"],
      ["verify", "switch"],
      ["headers", "pairs"],
      ["recipients", "texts"],
      ["private_key", "longText"],
    ]);
  });

  it("knows what is required, and the bounds of what may be absent", () => {
    const [host, port] = fieldsOf(schema);
    expect(host).toMatchObject({ required: true, title: "Host", description: "Name or address" });
    expect(port).toMatchObject({ required: false, minimum: 1, maximum: 65535, title: "Port" });
  });

  it("knows choices and defaults behind a reference", () => {
    expect(fieldsOf(schema)[2]).toMatchObject({
      choices: [
        { value: "none", label: "Not encrypted" },
        { value: "starttls", label: "starttls" },
        { value: "ssl", label: "ssl" },
      ],
      defaultValue: "starttls",
    });
  });

  it("knows secrets, also those of several lines", () => {
    expect(
      fieldsOf(schema)
        .filter(({ secret }) => secret)
        .map(({ name }) => name),
    ).toEqual(["password", "private_key"]);
  });

  it("names a setting without a title by its words", () => {
    expect(fieldsOf(schema)[7]?.title).toBe("private key");
  });
});

describe("values", () => {
  it("leave out what was emptied", () => {
    expect(withValue({ host: "a", port: 104 }, "port", "")).toEqual({ host: "a" });
    expect(withValue({ host: "a" }, "verify", false)).toEqual({ host: "a", verify: false });
  });
  it("remove a secret by null, and keep a stored one by saying nothing", () => {
    expect(withValue({ host: "a", password: "x" }, "password", null)).toEqual({
      host: "a",
      password: null,
    });
    expect(withValue({ host: "a", password: null }, "password", undefined)).toEqual({ host: "a" });
  });
});
