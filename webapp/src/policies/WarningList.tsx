// SPDX-License-Identifier: GPL-3.0-or-later
import { Alert, Anchor, List } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "react-router";
import type { PolicyWarning } from "../api/checks";
import { texts } from "../texts";

const words = texts.policies.editor.warnings;

/** What is most likely not meant, with the policies and destinations that have to do with it. */
export function WarningList({ warnings }: { warnings: PolicyWarning[] }) {
  if (warnings.length === 0) return null;
  return (
    <Alert
      role="status"
      color="orange"
      icon={<IconAlertTriangle aria-hidden />}
      title={words.title(warnings.length)}
    >
      <List size="sm">
        {warnings.map((warning, index) => (
          <List.Item key={index}>
            {warning.message}
            {warning.policies.map(({ id, name }) => (
              <Anchor key={id} component={Link} to={`/policies/${id}`} ml={6} underline="always">
                {name}
              </Anchor>
            ))}
            {warning.destination ? (
              <Anchor
                component={Link}
                to={`/destinations/${warning.destination.id}`}
                ml={6}
                underline="always"
              >
                {warning.destination.name}
              </Anchor>
            ) : null}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
