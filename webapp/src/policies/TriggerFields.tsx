// SPDX-License-Identifier: GPL-3.0-or-later
import { Group, NumberInput, Radio, Stack } from "@mantine/core";
import { levels, type Level } from "../api/documents";
import type { Trigger } from "../api/policyDocuments";
import { useFault } from "../editing/faults";
import { texts } from "../texts";

const words = texts.policies.editor.trigger;

/** When the policy fires: for each image, or for a series or study once it has been quiet. */
export function TriggerFields({
  trigger,
  onChange,
}: {
  trigger: Trigger;
  onChange: (trigger: Trigger) => void;
}) {
  const fault = useFault("trigger.quiet_seconds");
  const choose = (level: string): void =>
    onChange({ level: level as Level, quiet_seconds: level === "instance" ? null : trigger.quiet_seconds });
  return (
    <Stack gap="sm">
      <Radio.Group value={trigger.level} onChange={choose} aria-label={words.label}>
        <Stack gap="xs">
          {levels.map((level) => (
            <Radio key={level} value={level} label={words.levels[level]} description={words.hints[level]} />
          ))}
        </Stack>
      </Radio.Group>
      {trigger.level === "instance" && !fault ? null : (
        <Group>
          <NumberInput
            label={words.quiet}
            description={words.quietHint}
            min={1}
            max={7 * 86_400}
            allowDecimal={false}
            value={trigger.quiet_seconds ?? ""}
            onChange={(value) => onChange({ ...trigger, quiet_seconds: value === "" ? null : Number(value) })}
            error={fault}
          />
        </Group>
      )}
    </Stack>
  );
}
