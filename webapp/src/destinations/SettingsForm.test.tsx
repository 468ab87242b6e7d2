// SPDX-License-Identifier: GPL-3.0-or-later
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Schema, Settings } from "../api/destinationDocuments";
import { FaultsContext } from "../editing/faults";
import { draw } from "../testing/render";
import { serve } from "../testing/server";
import { SettingsForm } from "./SettingsForm";

const schema: Schema = {
  properties: {
    host: { type: "string", title: "Host" },
    port: { type: "integer", default: 22, title: "Port" },
    password: { type: "string", writeOnly: true, title: "Password" },
    host_key: { type: "string", title: "Host key" },
    timeout: { type: "integer", default: 30, title: "Timeout", "x-rare": true },
    security: {
      enum: ["none", "ssl"],
      default: "none",
      title: "Security",
      "x-rare": true,
      "x-labels": { none: "Not encrypted" },
    },
  },
};
const user = userEvent.setup();
afterEach(() => vi.unstubAllGlobals());

/** Draws the form of a stored destination; answers its settings as they would be sent. */
function edit(settings: Settings, secretsSet: string[]): () => Settings {
  let current = settings;
  function Form() {
    const [shown, setShown] = useState(settings);
    return (
      <SettingsForm
        schema={schema}
        settings={shown}
        secretsSet={secretsSet}
        onChange={(changed) => {
          current = changed;
          setShown(changed);
        }}
      />
    );
  }
  draw(<Form />);
  return () => current;
}

describe("what few people need", () => {
  const more = () => screen.getByRole("button", { name: "More settings" });

  it("is folded away, also where it has its default", async () => {
    edit({ host: "a", timeout: 30 }, []);
    expect(more().getAttribute("aria-expanded")).toBe("false");
    await user.click(more());
    expect(more().getAttribute("aria-expanded")).toBe("true");
  });

  it("is shown at once where it is filled in, and its values have names", () => {
    edit({ host: "a", timeout: 31 }, []);
    expect(more().getAttribute("aria-expanded")).toBe("true");
    expect(screen.getByRole<HTMLInputElement>("combobox", { name: "Security" }).value).toBe("Not encrypted");
  });

  it("is shown where something of it is wrong", () => {
    draw(
      <FaultsContext value={[{ path: "settings.timeout", message: "must be a number" }]}>
        <SettingsForm schema={schema} settings={{}} secretsSet={[]} onChange={vi.fn()} />
      </FaultsContext>,
    );
    expect(more().getAttribute("aria-expanded")).toBe("true");
    expect(screen.getByText("must be a number")).toBeTruthy();
  });
});

describe("a stored secret", () => {
  it("is kept, removed or replaced", async () => {
    const now = edit({ host: "a" }, ["password"]);
    expect(screen.getByText(/^Set/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Remove: Password" }));
    expect(now()).toEqual({ host: "a", password: null });
    await user.click(screen.getByRole("button", { name: "Keep the stored one: Password" }));
    expect(now()).toEqual({ host: "a" });
    await user.type(screen.getByLabelText("Password"), "new");
    expect(now()).toEqual({ host: "a", password: "new" });
    await user.clear(screen.getByLabelText("Password"));
    expect(now()).toEqual({ host: "a" });
  });

  it("is not spoken of where there is none", () => {
    edit({ host: "a" }, []);
    expect(screen.queryByText(/^Set/)).toBeNull();
  });
});

describe("the key of an SSH server", () => {
  const key = "ssh-ed25519 AAAA";

  it("is fetched, compared by a person, and pinned", async () => {
    const asked = serve(() => ({ body: { host_key: key, fingerprint: "SHA256:abc" } }));
    const now = edit({ host: "files.example.org" }, []);
    await user.click(screen.getByRole("button", { name: "Fetch the host key" }));
    expect(await screen.findByText("SHA256:abc")).toBeTruthy();
    expect(now()).toEqual({ host: "files.example.org" });
    await user.click(screen.getByRole("button", { name: "Use this key" }));
    expect(now()).toEqual({ host: "files.example.org", host_key: key });
    expect(screen.getByText("It is the one that is filled in.")).toBeTruthy();
    expect(asked.find(({ path }) => path.endsWith("host-key"))?.body).toEqual({
      host: "files.example.org",
      port: 22,
    });
  });

  it("is warned of where it is another one", async () => {
    serve(() => ({ body: { host_key: key, fingerprint: "SHA256:abc" } }));
    edit({ host: "files.example.org", host_key: "ssh-rsa BBBB" }, []);
    await user.click(screen.getByRole("button", { name: "Fetch the host key" }));
    expect(await screen.findByText(/another one/)).toBeTruthy();
  });
});
