// SPDX-License-Identifier: GPL-3.0-or-later
import { Alert, List, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import type { Health } from "../api/healthDocuments";
import { texts } from "../texts";

const words = texts.overview;

/** Is it working? In one line where it is, and what is wrong where it is not. */
export function Verdict({ health }: { health: Health }) {
  const problems = health.problems ?? [];
  if (health.status === "ok") {
    return (
      <Alert role="status" color="green" icon={<IconCircleCheck aria-hidden />} py="xs">
        <Text size="sm">
          <b>{words.working}.</b> {words.workingText}
        </Text>
      </Alert>
    );
  }
  if (health.status === "warning") {
    return (
      <Alert role="status" color="yellow" icon={<IconAlertTriangle aria-hidden />} py="xs">
        <Text size="sm">
          <b>{words.warning}.</b> {words.warningText}
        </Text>
      </Alert>
    );
  }
  return (
    <Alert role="alert" color="orange" icon={<IconAlertTriangle aria-hidden />} title={words.degraded}>
      <List size="sm">
        {problems.map(({ code, message }) => (
          <List.Item key={`${code} ${message}`}>{message}</List.Item>
        ))}
      </List>
    </Alert>
  );
}
