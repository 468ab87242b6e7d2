import { Anchor, Group, Stack, Text } from "@mantine/core";
import { useParams } from "react-router";
import { ApiError } from "../api/client";
import { useStudyExplanation } from "../api/studies";
import type { ResourceExplanation } from "../api/documents";
import { DeliveryTable } from "../deliveries/DeliveryTable";
import { PageHeader } from "../layout/PageHeader";
import { ProblemPage } from "../layout/ProblemPage";
import { Section } from "../layout/Section";
import { dicomDate, personName } from "../layout/times";
import { Waiting } from "../layout/Waiting";
import { orthancRoot } from "../place";
import { texts } from "../texts";
import { StudyLineage } from "./StudyLineage";
import { Verdict } from "./Verdict";

const words = texts.studies;

/** Why a study was routed, or not: what each policy says of it, and where it went. */
export function StudyPage() {
  const { id = "" } = useParams();
  const explanation = useStudyExplanation(id);
  if (explanation.data) return <Explained id={id} explanation={explanation.data} />;
  if (explanation.error instanceof ApiError && explanation.error.status === 404) {
    return (
      <>
        <PageHeader title={words.title} />
        <Text>{words.notStored}</Text>
      </>
    );
  }
  if (explanation.isError)
    return <ProblemPage error={explanation.error} retry={() => void explanation.refetch()} />;
  return <Waiting height={90} />;
}

function Explained({ id, explanation }: { id: string; explanation: ResourceExplanation }) {
  const { resource, policies, deliveries } = explanation;
  const title = [personName(resource.patient_name) || resource.patient_id, resource.study_description]
    .filter(Boolean)
    .join(" · ");
  return (
    <>
      <PageHeader
        title={title || words.title}
        intro={
          <Group gap="md">
            <span>
              {[resource.patient_id, resource.accession_number, dicomDate(resource.study_date)]
                .filter(Boolean)
                .join(" · ")}
            </span>
            <span>{texts.deliveries.images(explanation.instances)}</span>
            <Anchor href={`${orthancRoot()}app/explorer.html#study?uuid=${id}`}>{words.openInOrthanc}</Anchor>
          </Group>
        }
      />
      <Stack>
        <Section title={words.verdicts}>
          {policies.length === 0 ? <Text c="dimmed">{words.noPolicies}</Text> : null}
          {policies.map((verdict) => (
            <Verdict
              key={verdict.policy.id}
              verdict={verdict}
              images={explanation.instances}
              opened={policies.length <= 5}
            />
          ))}
        </Section>
        <Section title={words.deliveries}>
          {deliveries.length === 0 ? (
            <Text c="dimmed">{words.noDeliveries}</Text>
          ) : (
            <DeliveryTable deliveries={deliveries} withStudy={false} />
          )}
        </Section>
        <StudyLineage id={id} />
      </Stack>
    </>
  );
}
