import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { texts } from "../texts";
import { problemWords } from "./problemWords";

/** An error in words, with a way out of it. */
export function Problem({ error, retry }: { error: unknown; retry?: () => void }) {
  const { title, text, action } = problemWords(error);
  return (
    <Alert role="alert" color="red" icon={<IconAlertTriangle aria-hidden />} title={title}>
      <Stack gap="xs">
        {text ? <Text size="sm">{text}</Text> : null}
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
