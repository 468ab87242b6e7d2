// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import type { LineageStep } from "../api/deliveryDocuments";
import type { Level } from "../api/documents";
import { Time } from "../layout/Time";
import { ResourceLink } from "../studies/ResourceLink";
import { texts } from "../texts";

const words = texts.studies.lineage;

export interface LineageStepsProps {
  title: string;
  steps: LineageStep[];
  level: Level;
  /** Which end of each step is told. */
  end: "source" | "result";
}

/** Steps of a lineage in words; nothing where there are none. */
export function LineageSteps({ title, steps, level, end }: LineageStepsProps) {
  if (steps.length === 0) return null;
  return (
    <div>
      <Text fw={600} size="sm">
        {title}
      </Text>
      <Stack gap="xs" component="ul" m={0} pl="md">
        {steps.map((step) => (
          <li key={`${step.source.id} ${step.result.id} ${step.delivery}`}>
            <Text component="div" size="sm">
              <ResourceLink level={level} id={step[end].id} />
            </Text>
            <Text size="sm" c="dimmed" component="div">
              {texts.deliveries.images(step.instances)} {words.by(step.service)}{" "}
              <Anchor component={Link} to={`/policies/${step.policy.id}`} underline="always">
                {step.policy.name}
              </Anchor>{" "}
              · <Time at={step.made_at} /> ·{" "}
              <Anchor component={Link} to={`/deliveries/${step.delivery}`} underline="always">
                {words.delivery}
              </Anchor>
            </Text>
          </li>
        ))}
      </Stack>
    </div>
  );
}
