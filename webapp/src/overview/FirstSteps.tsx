// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, Group, Stack, Text, ThemeIcon } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { Link } from "react-router";
import type { Health } from "../api/healthDocuments";
import { Section } from "../layout/Section";
import { texts } from "../texts";

const words = texts.overview.start;

export interface FirstStepsProps {
  health: Health;
  hasDestination: boolean;
  hasPolicy: boolean;
}

/** Leads from an empty router to the first routed image. */
export function FirstSteps({ health, hasDestination, hasPolicy }: FirstStepsProps) {
  const aet = health.orthanc?.aet ?? "ORTHANC";
  const port = String(health.orthanc?.dicom_port ?? 4242);
  const steps = [
    { ...words.steps.destination, done: hasDestination, to: "/destinations/new" },
    { ...words.steps.policy, done: hasPolicy, to: "/policies/new" },
    { ...words.steps.image, text: words.steps.image.text(aet, port), done: false, to: "/deliveries" },
  ];
  const next = steps.findIndex((step) => !step.done);
  return (
    <Section title={words.title}>
      <Text size="sm" c="dimmed">
        {words.text}
      </Text>
      <Stack component="ol" gap="md" m={0} p={0} style={{ listStyle: "none" }}>
        {steps.map((step, index) => (
          <Group component="li" key={step.title} align="flex-start" wrap="nowrap">
            <ThemeIcon
              radius="xl"
              variant={step.done ? "filled" : "light"}
              color={step.done ? "green.9" : undefined}
            >
              {step.done ? <IconCheck size={18} aria-label={words.done} /> : index + 1}
            </ThemeIcon>
            <Stack gap={4}>
              <Text fw={600}>{step.title}</Text>
              <Text size="sm" c="dimmed">
                {step.text}
              </Text>
              {step.done ? null : (
                <Button
                  component={Link}
                  to={step.to}
                  w="fit-content"
                  size="sm"
                  variant={index === next ? "filled" : "default"}
                >
                  {step.action}
                </Button>
              )}
            </Stack>
          </Group>
        ))}
      </Stack>
    </Section>
  );
}
