// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Group, SegmentedControl, Table, Text, Title } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import type { DeliveryResource } from "../api/deliveryDocuments";
import { useRunStudies, verdicts, type RunStudy, type RunVerdict } from "../api/runs";
import { PageTurner } from "../layout/PageTurner";
import { Problem } from "../layout/Problem";
import { dicomDate, personName } from "../layout/times";
import { Waiting } from "../layout/Waiting";
import { texts } from "../texts";

const words = texts.runs.preview;
const pageSize = 20;

/** The studies that a preview has looked at, by what it says of them, each with why. */
export function RunStudies({ run, counts }: { run: string; counts: Record<RunVerdict, number> }) {
  const [verdict, setVerdict] = useState<RunVerdict>(counts.matched > 0 ? "matched" : "unmatched");
  const [page, setPage] = useState(1);
  const found = useRunStudies(run, verdict, { limit: pageSize, offset: (page - 1) * pageSize });
  return (
    <div>
      <Title order={3} size="h5" mb="xs">
        {words.studies}
      </Title>
      <SegmentedControl
        size="xs"
        maw="100%"
        styles={{ root: { flexWrap: "wrap" } }}
        aria-label={words.studies}
        data={verdicts.map((one) => ({
          value: one,
          label: words.count(words.verdicts[one], counts[one]),
        }))}
        value={verdict}
        onChange={(chosen) => {
          setVerdict(chosen);
          setPage(1);
        }}
      />
      {found.isPending ? <Waiting rows={3} /> : null}
      {found.isError ? <Problem error={found.error} retry={() => void found.refetch()} /> : null}
      {found.data?.items.length === 0 ? (
        <Text size="sm" c="dimmed" mt="xs">
          {words.noStudies}
        </Text>
      ) : null}
      {found.data && found.data.items.length > 0 ? (
        <>
          <StudyTable studies={found.data.items} />
          <Group justify="flex-end" mt="xs">
            <PageTurner total={found.data.total} pageSize={pageSize} page={page} onChange={setPage} />
          </Group>
        </>
      ) : null}
    </div>
  );
}

function StudyTable({ studies }: { studies: RunStudy[] }) {
  return (
    <Table.ScrollContainer minWidth={0}>
      <Table verticalSpacing={4} fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.studyColumns.patient}</Table.Th>
            <Table.Th>{words.studyColumns.reason}</Table.Th>
            <Table.Th ta="right" visibleFrom="xs">
              {words.studyColumns.images}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {studies.map((study, index) => (
            <Table.Tr key={study.resource?.id ?? index}>
              <Table.Td style={{ overflowWrap: "anywhere" }}>
                {study.resource ? <Subject resource={study.resource} /> : words.gone}
              </Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{study.reason}</Table.Td>
              <Table.Td ta="right" visibleFrom="xs" style={{ whiteSpace: "nowrap" }}>
                {words.images(study.matching_instances, study.instances)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Subject({ resource }: { resource: DeliveryResource }) {
  return (
    <>
      <Anchor component={Link} to={`/studies/${resource.study}`}>
        {personName(resource.patient_name) || resource.patient_id || texts.deliveries.noPatient}
      </Anchor>
      <Text size="xs" c="dimmed">
        {[
          resource.modality,
          resource.study_description,
          dicomDate(resource.study_date),
          resource.accession_number,
        ]
          .filter(Boolean)
          .join(" · ")}
      </Text>
    </>
  );
}
