// SPDX-License-Identifier: GPL-3.0-or-later
import { ActionIcon, Button, Group, Menu, Select, Stack, Text, Tooltip } from "@mantine/core";
import {
  IconArrowDown,
  IconArrowUp,
  IconCopy,
  IconDots,
  IconFolderOpen,
  IconPlus,
  IconTrash,
} from "@tabler/icons-react";
import { use } from "react";
import {
  RuleGroupBodyComponents,
  useRuleGroup,
  type RuleGroupProps,
  type RuleGroupType,
  type RuleType,
} from "react-querybuilder";
import { useFault } from "../editing/faults";
import { texts } from "../texts";
import { BuilderContext } from "./builder";
import classes from "./RuleBuilder.module.css";
import { newCondition, newGroup, type Combinator, type TreeGroup } from "./tree";

/** A group's combinator and its `not` are one choice, in words. */
const modes = {
  all: { combinator: "all", not: false },
  any: { combinator: "any", not: false },
  notAny: { combinator: "any", not: true },
  notAll: { combinator: "all", not: true },
} satisfies Record<string, { combinator: Combinator; not: boolean }>;
type Mode = keyof typeof modes;
const words = texts.rules.group;
const choices = (Object.keys(modes) as Mode[]).map((mode) => ({ value: mode, label: words.modes[mode] }));
const emptyTexts = {
  all: words.emptyAll,
  any: words.emptyAny,
  notAny: words.emptyNotAny,
  notAll: words.emptyNotAll,
};

/** A group of conditions and of further groups. */
export function GroupBox(props: RuleGroupProps) {
  const group = useRuleGroup(props);
  const { path, actions } = group;
  const node = group.ruleGroup as TreeGroup;
  const { replace, placeOf } = use(BuilderContext);
  const fault = useFault(placeOf(node.id));
  const isRoot = path.length === 0;
  const mode = choices.find(
    ({ value }) => modes[value].combinator === node.combinator && modes[value].not === Boolean(node.not),
  )?.value;

  const choose = (chosen: string | null): void => {
    if (chosen) replace(node.id, { ...node, ...modes[chosen as Mode], bare: false });
  };

  return (
    <div
      role="group"
      aria-label={words.name}
      className={classes.group}
      data-mode={mode}
      data-root={isRoot || undefined}
    >
      <Group gap="xs" className={classes.header}>
        <Select
          aria-label={words.label}
          data={choices}
          value={mode ?? null}
          onChange={choose}
          allowDeselect={false}
          size="sm"
          className={classes.mode}
        />
        <Group gap={4}>
          <Tooltip label={words.addConditionLabel}>
            <Button
              size="compact-sm"
              variant="light"
              leftSection={<IconPlus size={14} aria-hidden />}
              aria-label={words.addConditionLabel}
              onClick={() => actions.onRuleAdd(newCondition() as RuleType, path)}
            >
              {words.addCondition}
            </Button>
          </Tooltip>
          <Tooltip label={words.addGroupLabel}>
            <Button
              size="compact-sm"
              variant="subtle"
              leftSection={<IconPlus size={14} aria-hidden />}
              aria-label={words.addGroupLabel}
              onClick={() => actions.onGroupAdd(newGroup() as RuleGroupType, path)}
            >
              {words.addGroup}
            </Button>
          </Tooltip>
        </Group>
        {isRoot ? null : <GroupMenu {...props} />}
      </Group>
      {fault ? (
        <Text c="var(--mantine-color-error)" size="sm" role="alert">
          {fault}
        </Text>
      ) : null}
      {node.rules.length === 0 && mode ? (
        <Text size="sm" c="dimmed">
          {emptyTexts[mode]}
        </Text>
      ) : null}
      <Stack gap="xs">
        <RuleGroupBodyComponents {...group} />
      </Stack>
    </div>
  );
}

function GroupMenu({ path, actions, shiftUpDisabled, shiftDownDisabled }: RuleGroupProps) {
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={words.menu} ml="auto">
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconArrowUp size={16} />}
          disabled={shiftUpDisabled}
          onClick={() => actions.moveRule(path, "up")}
        >
          {words.moveUp}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconArrowDown size={16} />}
          disabled={shiftDownDisabled}
          onClick={() => actions.moveRule(path, "down")}
        >
          {words.moveDown}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconCopy size={16} />}
          onClick={() => actions.moveRule(path, [...path.slice(0, -1), (path.at(-1) ?? 0) + 1], true)}
        >
          {texts.common.duplicate}
        </Menu.Item>
        <Menu.Item leftSection={<IconFolderOpen size={16} />} onClick={() => actions.ungroupRuleGroup(path)}>
          {words.unwrap}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          c="var(--mantine-color-error)"
          leftSection={<IconTrash size={16} />}
          onClick={() => actions.onGroupRemove(path)}
        >
          {words.remove}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
