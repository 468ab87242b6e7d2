// SPDX-License-Identifier: GPL-3.0-or-later
import { ActionIcon, Menu, Text, TextInput, Tooltip } from "@mantine/core";
import {
  IconArrowDown,
  IconArrowUp,
  IconCopy,
  IconDots,
  IconLetterCase,
  IconNote,
  IconTrash,
} from "@tabler/icons-react";
import { use } from "react";
import type { RuleProps } from "react-querybuilder";
import type { Operator } from "../api/ruleDocuments";
import { useOperators, useTag } from "../api/rules";
import { useFault } from "../editing/faults";
import { texts } from "../texts";
import { BuilderContext } from "./builder";
import { OperatorSelect } from "./OperatorSelect";
import classes from "./RuleBuilder.module.css";
import { TagInput } from "./TagInput";
import type { TreeCondition } from "./tree";
import { ValueInput } from "./ValueInput";
import { comparesText, factRepresentation, fits, fitValue, lastOfPath } from "./valueRepresentation";

const words = texts.rules.condition;

/** One condition: a tag, an operator that fits it, and a value. */
export function ConditionRow(props: RuleProps) {
  const node = props.rule as TreeCondition;
  const { replace, placeOf } = use(BuilderContext);
  const place = placeOf(node.id);
  const faults = {
    whole: useFault(place),
    tag: useFault(`${place}.tag`, true),
    operator: useFault(`${place}.operator`, true),
    value: useFault(`${place}.value`, true),
  };
  const operators = useOperators().data;
  const last = lastOfPath(node.field);
  const known = useTag(factRepresentation(last) ? "" : last);
  const vr = factRepresentation(last) ?? known.data?.vr;
  const operator = operators?.find((one) => one.name === node.operator);

  const change = (patch: Partial<TreeCondition>): void => replace(node.id, { ...node, ...patch });

  const withOperator = (name: string, among: Operator[] | undefined): Partial<TreeCondition> => {
    const form = among?.find((one) => one.name === name)?.value;
    return { operator: name, value: form ? fitValue(node.value, form) : node.value };
  };

  const chooseTag = (tag: string, chosenVr: string | undefined): void => {
    const stays = !operator || fits(operator, chosenVr);
    const instead = operators?.find((one) => fits(one, chosenVr))?.name;
    change({ field: tag, ...(stays || !instead ? {} : withOperator(instead, operators)) });
  };

  return (
    <div role="group" aria-label={words.name}>
      <div className={classes.condition}>
        <TagInput
          value={node.field}
          known={known.data ?? undefined}
          onChange={chooseTag}
          error={faults.tag}
        />
        <OperatorSelect
          className={classes.operator}
          operators={operators}
          vr={vr}
          value={node.operator}
          onChange={(name) => change(withOperator(name, operators))}
          error={faults.operator}
        />
        <div className={classes.value}>
          <ValueInput
            form={operator?.value ?? "one"}
            operator={node.operator}
            tag={last}
            vr={vr}
            value={node.value}
            onChange={(value) => change({ value })}
            error={faults.value}
          />
        </div>
        <div className={classes.menu}>
          {comparesText(node.operator, vr) ? (
            <Tooltip label={node.case_sensitive ? words.caseSensitiveOn : words.caseSensitive}>
              <ActionIcon
                variant={node.case_sensitive ? "light" : "subtle"}
                color={node.case_sensitive ? undefined : "gray"}
                aria-label={words.caseSensitive}
                aria-pressed={Boolean(node.case_sensitive)}
                onClick={() => change({ case_sensitive: !node.case_sensitive })}
              >
                <IconLetterCase size={18} />
              </ActionIcon>
            </Tooltip>
          ) : null}
          <ConditionMenu {...props} onNote={() => change({ description: node.description ?? "" })} />
        </div>
        {node.description === undefined ? null : (
          <TextInput
            className={classes.note}
            size="xs"
            aria-label={words.note}
            placeholder={words.notePlaceholder}
            leftSection={<IconNote size={14} aria-hidden />}
            value={node.description}
            onChange={(event) => change({ description: event.currentTarget.value })}
          />
        )}
      </div>
      {faults.whole ? (
        <Text c="var(--mantine-color-error)" size="sm" role="alert">
          {faults.whole}
        </Text>
      ) : null}
    </div>
  );
}

function ConditionMenu({
  path,
  actions,
  shiftUpDisabled,
  shiftDownDisabled,
  onNote,
}: RuleProps & { onNote: () => void }) {
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={words.menu}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconNote size={16} />} onClick={onNote}>
          {words.addNote}
        </Menu.Item>
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
          {words.duplicate}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          c="var(--mantine-color-error)"
          leftSection={<IconTrash size={16} />}
          onClick={() => actions.onRuleRemove(path)}
        >
          {words.remove}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
