// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Group, Stack, Text } from "@mantine/core";
import { Link, useParams } from "react-router";
import { ApiError } from "../api/client";
import { useStudyPage } from "../api/health";
import { useExplanation } from "../api/studies";
import type { Level } from "../api/documents";
import type { ResourceExplanation } from "../api/ruleDocuments";
import { DeliveryTable } from "../deliveries/DeliveryTable";
import { LineageSection } from "../lineage/LineageSection";
import { PageHeader } from "../layout/PageHeader";
import { ProblemPage } from "../layout/ProblemPage";
import { Section } from "../layout/Section";
import { dicomDate, personName } from "../layout/times";
import { Waiting } from "../layout/Waiting";
import { explorerPage } from "../place";
import { RouteNowButton } from "../routing/RouteNowButton";
import { texts } from "../texts";
import { Arrival } from "./Arrival";
import { NotStored } from "./NotStored";
import { RepeatedOfStudy } from "./Repeated";
import { Verdict } from "./Verdict";

const words = texts.studies;

/** Why a stored resource was routed, or not: what each policy says of it, where it went, what was made of it. */
export function ResourcePage({ level }: { level: Level }) {
  const { id = "" } = useParams();
  const explanation = useExplanation(level, id);
  if (explanation.data) return <Explained level={level} id={id} explanation={explanation.data} />;
  if (explanation.error instanceof ApiError && explanation.error.status === 404)
    return <NotStored level={level} id={id} />;
  if (explanation.isError)
    return <ProblemPage error={explanation.error} retry={() => void explanation.refetch()} />;
  return <Waiting height={90} />;
}

interface ExplainedProps {
  level: Level;
  id: string;
  explanation: ResourceExplanation;
}

function Explained({ level, id, explanation }: ExplainedProps) {
  const { resource, policies, deliveries, deliveries_total: total } = explanation;
  const studyPage = useStudyPage();
  const title = [personName(resource.patient_name) || resource.patient_id, resource.study_description]
    .filter(Boolean)
    .join(" · ");
  return (
    <>
      <PageHeader
        title={title || words.levels[level]}
        intro={
          <Group gap="md">
            <span>
              {[resource.patient_id, resource.accession_number, dicomDate(resource.study_date)]
                .filter(Boolean)
                .join(" · ")}
            </span>
            <span>
              {level === "study"
                ? texts.deliveries.images(explanation.instances)
                : words.part(words.levels[level], texts.deliveries.images(explanation.instances))}
            </span>
            {level === "study" ? null : (
              <Anchor component={Link} to={`/studies/${resource.study}`}>
                {words.wholeStudy}
              </Anchor>
            )}
            <Anchor
              href={explorerPage(level, id, resource.study_instance_uid, studyPage)}
              // Out of the frame where Explorer itself shows this page in one.
              target="_top"
            >
              {words.openInOrthanc}
            </Anchor>
          </Group>
        }
      >
        <RouteNowButton resources={[{ level, id }]} />
      </PageHeader>
      <Stack>
        {explanation.repeated ? <RepeatedOfStudy repeated={explanation.repeated} /> : null}
        <Arrival level={level} id={id} explanation={explanation} />
        <Section title={words.verdicts}>
          {policies.length === 0 ? (
            <Text c="dimmed">
              {words.noPolicies}{" "}
              <Anchor component={Link} to="/policies/new" underline="always">
                {texts.policies.add}
              </Anchor>
            </Text>
          ) : null}
          {policies.map((verdict) => (
            <Verdict
              key={verdict.policy.id}
              verdict={verdict}
              images={explanation.instances}
              opened={policies.length <= 5}
            />
          ))}
        </Section>
        <Section
          title={words.deliveries}
          aside={
            total > deliveries.length ? (
              <Anchor component={Link} to={`/deliveries?resource=${id}`} fz="sm">
                {words.allDeliveries(total)}
              </Anchor>
            ) : null
          }
        >
          {deliveries.length === 0 ? (
            <Text c="dimmed">{words.noDeliveries}</Text>
          ) : (
            <DeliveryTable deliveries={deliveries} about="one study" />
          )}
        </Section>
        <LineageSection level={level} id={id} />
      </Stack>
    </>
  );
}
