// SPDX-License-Identifier: GPL-3.0-or-later
import { Alert, Button, Group, List, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { texts } from "../texts";
import { faultWords } from "./placeWords";
import { problemWords } from "./problemWords";

/** An error in words, with a way out of it. */
export function Problem({ error, retry }: { error: unknown; retry?: () => void }) {
  const { title, text, faults, action } = problemWords(error);
  return (
    <Alert role="alert" color="red" icon={<IconAlertTriangle aria-hidden />} title={title}>
      <Stack gap="xs">
        {text ? <Text size="sm">{text}</Text> : null}
        {faults ? (
          <List size="sm">
            {faults.map((fault) => (
              <List.Item key={`${fault.path} ${fault.message}`}>{faultWords(fault)}</List.Item>
            ))}
          </List>
        ) : null}
        {action || retry ? (
          <Group gap="xs">
            {action ? (
              <Button size="xs" onClick={action.run}>
                {action.label}
              </Button>
            ) : null}
            {retry ? (
              <Button size="xs" variant="default" onClick={retry}>
                {texts.common.retry}
              </Button>
            ) : null}
          </Group>
        ) : null}
      </Stack>
    </Alert>
  );
}
