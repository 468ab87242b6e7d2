// SPDX-License-Identifier: GPL-3.0-or-later
import { Group, Text } from "@mantine/core";
import type { Health } from "../api/healthDocuments";
import { texts } from "../texts";

const words = texts.overview.receives;

/** Where this Orthanc receives, and where the router keeps what it knows. */
export function Receiver({ health }: { health: Health }) {
  const facts: [string, string | number | undefined][] = [
    [words.aet, health.orthanc?.aet],
    [words.port, health.orthanc?.dicom_port],
    [words.orthanc, health.orthanc?.version],
    [words.store, health.store?.description],
  ];
  return (
    <Group component="dl" gap="lg" m={0} aria-label={words.title}>
      {facts.map(([name, value]) =>
        value === undefined ? null : (
          <Group key={name} gap={6}>
            <Text component="dt" size="xs" c="dimmed">
              {name}
            </Text>
            <Text component="dd" size="xs" m={0} style={{ overflowWrap: "anywhere" }}>
              {value}
            </Text>
          </Group>
        ),
      )}
    </Group>
  );
}
