// SPDX-License-Identifier: GPL-3.0-or-later
import { Stack, Text } from "@mantine/core";
import type { DeliveryDetail } from "../api/deliveryDocuments";
import { Section } from "../layout/Section";
import { StudyLink } from "../studies/ResourceLink";
import { texts } from "../texts";
import { resultsByStudy } from "./results";

const words = texts.deliveries;

/** What a delivery has made in this Orthanc: the studies that it is in. */
export function DeliveryResults({ delivery }: { delivery: DeliveryDetail }) {
  const studies = resultsByStudy(delivery);
  if (studies.length === 0) return null;
  return (
    <Section title={words.detail.results}>
      <Stack gap="xs">
        {studies.map(([study, count]) => (
          <Text key={study} component="div">
            <StudyLink id={study} />
            <Text size="sm" c="dimmed">
              {words.images(count)}
            </Text>
          </Text>
        ))}
      </Stack>
    </Section>
  );
}
