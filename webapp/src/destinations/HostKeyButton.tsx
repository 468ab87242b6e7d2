// SPDX-License-Identifier: GPL-3.0-or-later
import { Alert, Button, Code, Stack, Text } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useHostKey } from "../api/destinations";
import { useMay } from "../api/health";
import type { Settings } from "../api/destinationDocuments";
import { Problem } from "../layout/Problem";
import { texts } from "../texts";

const words = texts.destinations.editor.hostKey;

export interface HostKeyButtonProps {
  settings: Settings;
  onPin: (key: string) => void;
}

/** Fetches the key that an SSH server shows, for a person to compare and to pin. */
export function HostKeyButton({ settings, onPin }: HostKeyButtonProps) {
  const fetching = useHostKey();
  const mayEdit = useMay("edit");
  const { host, host_key: pinned } = settings;
  const port = typeof settings.port === "number" ? settings.port : 22;
  const hasHost = typeof host === "string" && host !== "";
  const isOfThisServer = fetching.variables?.host === host && fetching.variables?.port === port;
  const found = isOfThisServer ? fetching.data : undefined;
  const same = found !== undefined && typeof pinned === "string" && isSameKey(found.host_key, pinned);
  const other = found !== undefined && Boolean(pinned) && !same;
  return (
    <Stack gap="xs">
      <Button
        variant="default"
        w="fit-content"
        leftSection={<IconKey size={18} aria-hidden />}
        disabled={!hasHost || !mayEdit}
        loading={fetching.isPending}
        onClick={() => {
          if (hasHost) fetching.mutate({ host, port });
        }}
      >
        {words.fetch}
      </Button>
      <Text size="xs" c="dimmed">
        {hasHost ? words.hint : words.needsHost}
      </Text>
      <div aria-live="polite">
        {fetching.isError && isOfThisServer ? <Problem error={fetching.error} /> : null}
        {found ? (
          <Alert color={same ? "green" : other ? "orange" : "cyan"} title={words.found}>
            <Stack gap="xs" align="flex-start">
              <Code style={{ overflowWrap: "anywhere" }}>{found.fingerprint}</Code>
              {same ? words.same : null}
              {other ? words.other : null}
              {same ? null : (
                <Button size="xs" variant="default" onClick={() => onPin(found.host_key)}>
                  {words.pin}
                </Button>
              )}
            </Stack>
          </Alert>
        ) : null}
      </div>
    </Stack>
  );
}

/** A pinned key may be a whole line of known_hosts, with names before and a comment after it. */
function isSameKey(found: string, pinned: string): boolean {
  return ` ${pinned.trim()} `.includes(` ${found.trim()} `);
}
