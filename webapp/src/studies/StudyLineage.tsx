import { Anchor, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import { useStudyLineage } from "../api/studies";
import type { LineageStep } from "../api/documents";
import { Section } from "../layout/Section";
import { Time } from "../layout/Time";
import { texts } from "../texts";
import { StudyLink } from "./StudyLink";

const words = texts.studies.lineage;

/** What a study was made of, and what was made of it; nothing where neither is so. */
export function StudyLineage({ id }: { id: string }) {
  const lineage = useStudyLineage(id).data;
  if (!lineage) return null;
  const { sources, results, complete } = lineage;
  return (
    <>
      {sources.length > 0 ? (
        <Section title={words.sources}>
          <Steps steps={sources} end="source" />
        </Section>
      ) : null}
      {results.length > 0 ? (
        <Section title={words.results}>
          <Steps steps={results} end="result" />
        </Section>
      ) : null}
      {complete ? null : <Text size="sm">{words.more}</Text>}
    </>
  );
}

function Steps({ steps, end }: { steps: LineageStep[]; end: "source" | "result" }) {
  return (
    <Stack gap="xs" component="ul" m={0} pl="md">
      {steps.map((step) => (
        <li key={`${step.source.id} ${step.result.id} ${step.delivery}`}>
          <Text component="div">
            <StudyLink id={step[end].id} />
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
  );
}
