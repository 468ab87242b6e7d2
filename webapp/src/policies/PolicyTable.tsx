// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Badge, Box, Group, Switch, Table, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link } from "react-router";
import { useActivity, type Activity } from "../api/activity";
import { destinationOf } from "../api/actions";
import type { Destination } from "../api/destinationDocuments";
import type { Policy } from "../api/policyDocuments";
import { useMay } from "../api/health";
import { useReorderPolicies, useSwitchPolicy } from "../api/policies";
import { useOperators } from "../api/rules";
import { useActionWords } from "../layout/actionWords";
import { refused } from "../layout/notices";
import { lengthOfTime } from "../layout/times";
import { sentence } from "../rules/sentence";
import { texts } from "../texts";
import { SortableRow, SortableRows, SortHandle } from "./SortableRows";
import { marksOf } from "./marks";
import { moved } from "./order";
import { PolicyActivity } from "./PolicyActivity";
import { PolicyMenu } from "./PolicyMenu";
import { SwitchOnQuestion } from "./SwitchOnQuestion";

const words = texts.policies;

export interface PolicyTableProps {
  policies: Policy[];
  destinations: Destination[] | undefined;
  /** Whether all policies are shown, so that they can be moved among each other. */
  movable: boolean;
}

/** The policies in their order; a handle moves them, by pointer or by keys. */
export function PolicyTable({ policies, destinations, movable }: PolicyTableProps) {
  const reorder = useReorderPolicies();
  const activity = useActivity().data;
  const move = (id: string, index: number): void => {
    const changes = moved(policies, id, index);
    if (changes.length > 0) reorder.mutate(changes, { onError: (error) => refused(error) });
  };
  return (
    <SortableRows ids={policies.map(({ id }) => id)} nameOf={(id) => nameOf(policies, id)} onMove={move}>
      <Table.ScrollContainer minWidth={0}>
        <Table verticalSpacing="sm" highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th visibleFrom="sm">{words.columns.order}</Table.Th>
              <Table.Th>{words.columns.name}</Table.Th>
              <Table.Th visibleFrom="md">{words.columns.trigger}</Table.Th>
              <Table.Th visibleFrom="sm">{words.columns.actions}</Table.Th>
              <Table.Th visibleFrom="lg">{words.columns.activity}</Table.Th>
              <Table.Th>{words.columns.enabled}</Table.Th>
              <Table.Td />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {policies.map((policy, index) => (
              <PolicyRow
                key={policy.id}
                policy={policy}
                destinations={destinations}
                activity={activity?.get(policy.id)}
                movable={movable}
                moveUp={movable && index > 0 ? () => move(policy.id, index - 1) : undefined}
                moveDown={
                  movable && index < policies.length - 1 ? () => move(policy.id, index + 1) : undefined
                }
              />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </SortableRows>
  );
}

function nameOf(policies: Policy[], id: string): string {
  return policies.find((policy) => policy.id === id)?.name ?? "";
}

interface PolicyRowProps {
  policy: Policy;
  destinations: Destination[] | undefined;
  activity: Activity | undefined;
  movable: boolean;
  moveUp: (() => void) | undefined;
  moveDown: (() => void) | undefined;
}

function PolicyRow({ policy, destinations, activity, movable, moveUp, moveDown }: PolicyRowProps) {
  const mayEdit = useMay("edit");
  const switching = useSwitchPolicy();
  const operators = useOperators().data;
  const marks = marksOf(policy, destinations ?? []);
  const [asked, asking] = useDisclosure();
  const flip = (enabled: boolean): void =>
    switching.mutate({ id: policy.id, enabled }, { onError: (error) => refused(error) });
  return (
    <SortableRow id={policy.id} c={policy.enabled ? undefined : "dimmed"}>
      <Table.Td visibleFrom="sm">
        <Group gap={4} wrap="nowrap">
          {movable ? <SortHandle id={policy.id} label={words.move(policy.name)} /> : null}
          <span>{policy.order}</span>
        </Group>
      </Table.Td>
      <Table.Td>
        <Anchor component={Link} to={`/policies/${policy.id}`} fw={600} style={{ overflowWrap: "anywhere" }}>
          {policy.name}
        </Anchor>
        <Text size="sm" c="dimmed" lineClamp={2}>
          {sentence(policy.rule, policy.trigger.level, operators)}
        </Text>
        <Group gap={4} mt={2}>
          {policy.fallback ? (
            <Badge variant="default" tt="none">
              {words.fallback}
            </Badge>
          ) : null}
          {policy.stop ? (
            <Badge variant="default" tt="none">
              {words.stop}
            </Badge>
          ) : null}
          {marks.map((mark) => (
            <Badge key={mark} variant="light" color={mark === "identifiable" ? "orange" : "gray"} tt="none">
              {words.marks[mark]}
            </Badge>
          ))}
        </Group>
        {activity ? (
          <Box hiddenFrom="lg" mt={2}>
            <PolicyActivity activity={activity} />
          </Box>
        ) : null}
      </Table.Td>
      <Table.Td visibleFrom="md">
        {words.levels[policy.trigger.level]}
        {policy.trigger.quiet_seconds ? (
          <Text size="sm" c="dimmed">
            {words.afterQuiet(lengthOfTime(policy.trigger.quiet_seconds))}
          </Text>
        ) : null}
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Targets policy={policy} destinations={destinations} />
      </Table.Td>
      <Table.Td visibleFrom="lg">{activity ? <PolicyActivity activity={activity} /> : null}</Table.Td>
      <Table.Td>
        <Switch
          checked={policy.enabled}
          disabled={!mayEdit}
          onChange={(event) => {
            const on = event.currentTarget.checked;
            if (on && marks.includes("identifiable")) asking.open();
            else flip(on);
          }}
          aria-label={words.switch(policy.name)}
        />
        <SwitchOnQuestion
          opened={asked}
          name={policy.name}
          onClose={asking.close}
          onConfirm={() => {
            asking.close();
            flip(true);
          }}
        />
      </Table.Td>
      <Table.Td ta="right">
        <PolicyMenu policy={policy} moveUp={moveUp} moveDown={moveDown} />
      </Table.Td>
    </SortableRow>
  );
}

function Targets({ policy, destinations }: { policy: Policy; destinations: Destination[] | undefined }) {
  const wordsOf = useActionWords();
  if (policy.actions.length === 0) return <Text c="dimmed">{words.noActions}</Text>;
  if (!destinations) return null;
  return policy.actions.map((action, index) => {
    const id = destinationOf(action);
    const destination = destinations.find((one) => one.id === id || one.name === id);
    return (
      <Text key={action.id ?? index} component="div">
        {action.type === "forward" ? null : `${wordsOf(action.type).summary} `}
        {destination ? (
          <Anchor component={Link} to={`/destinations/${destination.id}`}>
            {destination.name}
          </Anchor>
        ) : null}
        {id !== undefined && !destination ? (
          <Text component="span" c="var(--mantine-color-error)">
            {words.unknownDestination}
          </Text>
        ) : null}
      </Text>
    );
  });
}
