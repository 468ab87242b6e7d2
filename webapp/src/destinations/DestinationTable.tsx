// SPDX-License-Identifier: GPL-3.0-or-later
import { ActionIcon, Anchor, Menu, Switch, Table, Text } from "@mantine/core";
import { IconDots, IconHistory, IconPencil, IconTrash, IconTruckDelivery } from "@tabler/icons-react";
import { Link } from "react-router";
import {
  useDeleteDestination,
  useDestinationKinds,
  useSaveDestination,
  useSwitchDestination,
} from "../api/destinations";
import type { Destination } from "../api/destinationDocuments";
import { useHealth, useMay } from "../api/health";
import { usePolicies } from "../api/policies";
import { refused, told, toldWithUndo } from "../layout/notices";
import { LaneState } from "../overview/LaneState";
import { texts } from "../texts";
import { destinationDraft } from "./draft";
import { whereabouts } from "./settings";
import { policiesUsing } from "./users";

const words = texts.destinations;

export function DestinationTable({ destinations }: { destinations: Destination[] }) {
  return (
    <Table.ScrollContainer minWidth={0}>
      <Table verticalSpacing="sm" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.columns.name}</Table.Th>
            <Table.Th visibleFrom="md">{words.columns.where}</Table.Th>
            <Table.Th visibleFrom="sm">{words.columns.usedBy}</Table.Th>
            <Table.Th visibleFrom="xs">{words.columns.queue}</Table.Th>
            <Table.Th>{words.columns.enabled}</Table.Th>
            <Table.Td />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {destinations.map((destination) => (
            <DestinationRow key={destination.id} destination={destination} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function DestinationRow({ destination }: { destination: Destination }) {
  const kinds = useDestinationKinds().data;
  const lane = useHealth().data?.lanes?.find((one) => one.destination.id === destination.id);
  const users = policiesUsing(destination, usePolicies().data);
  const mayOperate = useMay("operate");
  const switching = useSwitchDestination();
  const flip = (enabled: boolean): void =>
    switching.mutate({ id: destination.id, enabled }, { onError: (error) => refused(error) });
  return (
    <Table.Tr c={destination.enabled ? undefined : "dimmed"}>
      <Table.Td>
        <Anchor
          component={Link}
          to={`/destinations/${destination.id}`}
          fw={600}
          style={{ overflowWrap: "anywhere" }}
        >
          {destination.name}
        </Anchor>
        <Text size="sm" c="dimmed">
          {kinds?.find(({ kind }) => kind === destination.kind)?.label ?? destination.kind}
          {destination.external ? ` · ${words.external}` : null}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="md" style={{ overflowWrap: "anywhere" }}>
        {whereabouts(destination.settings)}
      </Table.Td>
      <Table.Td visibleFrom="sm">
        {users.length === 0 ? (
          <Text c="dimmed">{words.unused}</Text>
        ) : users.length === 1 ? (
          <Anchor component={Link} to={`/policies/${users[0]?.id ?? ""}`}>
            {users[0]?.name}
          </Anchor>
        ) : (
          <Text title={users.map(({ name }) => name).join(", ")}>{words.policiesCount(users.length)}</Text>
        )}
      </Table.Td>
      <Table.Td visibleFrom="xs">{lane ? <LaneState lane={lane} /> : null}</Table.Td>
      <Table.Td>
        <Switch
          checked={destination.enabled}
          disabled={!mayOperate}
          onChange={(event) => flip(event.currentTarget.checked)}
          aria-label={words.switch(destination.name)}
        />
      </Table.Td>
      <Table.Td ta="right">
        <DestinationMenu destination={destination} />
      </Table.Td>
    </Table.Tr>
  );
}

function DestinationMenu({ destination }: { destination: Destination }) {
  const mayEdit = useMay("edit");
  const deletion = useDeleteDestination();
  const save = useSaveDestination();

  const bringBack = (): void => {
    save.mutateAsync({ draft: destinationDraft(destination) }).then(
      () => told(words.restored(destination.name)),
      (error: unknown) => refused(error, words.restoreFailed(destination.name)),
    );
  };
  const remove = (): void => {
    deletion.mutateAsync(destination.id).then(
      // Its secrets are gone for good, so that it could not come back as it was.
      () =>
        destination.secrets_set.length > 0
          ? told(words.deleted(destination.name))
          : toldWithUndo(words.deleted(destination.name), bringBack),
      (error: unknown) => refused(error),
    );
  };

  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={words.menuOf(destination.name)}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          component={Link}
          to={`/destinations/${destination.id}`}
          leftSection={<IconPencil size={16} />}
        >
          {mayEdit ? texts.common.edit : texts.common.view}
        </Menu.Item>
        <Menu.Item
          component={Link}
          to={`/destinations/${destination.id}/history`}
          leftSection={<IconHistory size={16} />}
        >
          {texts.history.title}
        </Menu.Item>
        <Menu.Item
          component={Link}
          to={`/deliveries?destination=${destination.id}`}
          leftSection={<IconTruckDelivery size={16} />}
        >
          {texts.deliveries.title}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          disabled={!mayEdit}
          c="var(--mantine-color-error)"
          leftSection={<IconTrash size={16} />}
          onClick={remove}
        >
          {texts.common.delete}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
