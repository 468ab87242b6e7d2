// SPDX-License-Identifier: GPL-3.0-or-later
import { ActionIcon, Menu } from "@mantine/core";
import {
  IconArrowDown,
  IconArrowUp,
  IconCopy,
  IconDots,
  IconHistory,
  IconPencil,
  IconTrash,
  IconTruckDelivery,
} from "@tabler/icons-react";
import { Link, useNavigate } from "react-router";
import type { Policy } from "../api/policyDocuments";
import { useMay } from "../api/health";
import { useRestore } from "../api/history";
import { useDeletePolicy } from "../api/policies";
import { draftOf } from "../api/draftOf";
import { refused, told, toldWithUndo } from "../layout/notices";
import { texts } from "../texts";

const words = texts.policies;

export interface PolicyMenuProps {
  policy: Policy;
  /** Absent where the policy cannot be moved that way. */
  moveUp: (() => void) | undefined;
  moveDown: (() => void) | undefined;
}

/** What can be done with a policy of the list. */
export function PolicyMenu({ policy, moveUp, moveDown }: PolicyMenuProps) {
  const navigate = useNavigate();
  const mayEdit = useMay("edit");
  const deletion = useDeletePolicy();
  const restore = useRestore("policies");

  const bringBack = (): void => {
    restore.mutateAsync({ id: policy.id, revision: policy.revision, comment: "" }).then(
      () => told(words.restored(policy.name)),
      (error: unknown) => refused(error, words.restoreFailed(policy.name)),
    );
  };

  const remove = (): void => {
    deletion.mutateAsync(policy.id).then(
      () => toldWithUndo(words.deleted(policy.name), bringBack),
      (error: unknown) => refused(error),
    );
  };

  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={words.menuOf(policy.name)}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to={`/policies/${policy.id}`} leftSection={<IconPencil size={16} />}>
          {mayEdit ? texts.common.edit : texts.common.view}
        </Menu.Item>
        <Menu.Item
          disabled={!mayEdit}
          leftSection={<IconCopy size={16} />}
          onClick={() => void navigate("/policies/new", { state: { copyOf: draftOf(policy) } })}
        >
          {texts.common.duplicate}
        </Menu.Item>
        <Menu.Item
          component={Link}
          to={`/policies/${policy.id}/history`}
          leftSection={<IconHistory size={16} />}
        >
          {texts.history.title}
        </Menu.Item>
        <Menu.Item
          component={Link}
          to={`/deliveries?policy=${policy.id}`}
          leftSection={<IconTruckDelivery size={16} />}
        >
          {texts.deliveries.title}
        </Menu.Item>
        <Menu.Item leftSection={<IconArrowUp size={16} />} disabled={!moveUp} onClick={moveUp}>
          {words.moveUp}
        </Menu.Item>
        <Menu.Item leftSection={<IconArrowDown size={16} />} disabled={!moveDown} onClick={moveDown}>
          {words.moveDown}
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
