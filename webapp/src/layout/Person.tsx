// SPDX-License-Identifier: GPL-3.0-or-later
import { Text } from "@mantine/core";
import type { Health } from "../api/healthDocuments";
import { useTokenHolder } from "../api/health";
import { texts } from "../texts";

const { common } = texts;

/** Who is logged in, and what that person may do. */
export function Person({ user }: { user: Health["user"] }) {
  const holder = useTokenHolder();
  const name = holder ?? user?.name;
  const most = (["edit", "operate", "read"] as const).find((role) => user?.roles.includes(role));
  return (
    <>
      {name ? (
        <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {common.user(name)}
        </Text>
      ) : null}
      {user?.roles ? (
        <Text size="xs" c="dimmed">
          {common.may[most ?? "nothing"]}
        </Text>
      ) : null}
    </>
  );
}
