// SPDX-License-Identifier: GPL-3.0-or-later
import { Alert, Button, Stack, Text } from "@mantine/core";
import { IconCheck, IconPlugConnected, IconX } from "@tabler/icons-react";
import { useTestDestination, type TestTarget } from "../api/destinations";
import { useMay } from "../api/health";
import { Problem } from "../layout/Problem";
import { texts } from "../texts";

const words = texts.destinations.test;

/** Tries a connection, and tells the result and how long it took. */
export function TestButton({ target }: { target: TestTarget }) {
  const test = useTestDestination();
  const mayTest = useMay("draft" in target ? "edit" : "operate");
  return (
    <Stack gap="xs">
      <Button
        variant="light"
        w="fit-content"
        leftSection={<IconPlugConnected size={18} aria-hidden />}
        loading={test.isPending}
        disabled={!mayTest}
        onClick={() => test.mutate(target)}
      >
        {words.action}
      </Button>
      <Text size="xs" c="dimmed">
        {words.hint}
      </Text>
      <div aria-live="polite">
        {test.isError ? <Problem error={test.error} /> : null}
        {test.data ? (
          <Alert
            color={test.data.ok ? "green" : "red"}
            icon={test.data.ok ? <IconCheck aria-hidden /> : <IconX aria-hidden />}
            title={
              test.data.ok ? words.ok(Math.round(test.data.milliseconds).toLocaleString()) : words.failed
            }
          >
            {test.data.detail}
          </Alert>
        ) : null}
      </div>
    </Stack>
  );
}
