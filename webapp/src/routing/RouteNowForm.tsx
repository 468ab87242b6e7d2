// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Button, Checkbox, Group, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { useState, type SyntheticEvent } from "react";
import { Link } from "react-router";
import { priorities, type Priority } from "../api/actions";
import { useDestinationKinds, useDestinations } from "../api/destinations";
import { usePolicies } from "../api/policies";
import { useRouteByHand } from "../api/routing";
import type { ResourceReference } from "../api/studies";
import { Problem } from "../layout/Problem";
import { texts } from "../texts";

const words = texts.routing;
type Way = "destination" | "policy";

export interface RouteNowFormProps {
  resources: ResourceReference[];
  /** What does it has begun: the identifier of its run. */
  onBegun: (run: string) => void;
  onCancel: () => void;
}

/** Where to, or through which policy. */
export function RouteNowForm({ resources, onBegun, onCancel }: RouteNowFormProps) {
  const start = useRouteByHand();
  const [way, setWay] = useState<Way>("destination");
  const [destination, setDestination] = useState<string | null>(null);
  const [policy, setPolicy] = useState<string | null>(null);
  const [priority, setPriority] = useState<Priority>("normal");
  const [again, setAgain] = useState(false);
  const chosen = way === "destination" ? destination : policy;
  const begin = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (chosen === null) return;
    start
      .mutateAsync({
        resources,
        again,
        ...(way === "destination" ? { destination: chosen, priority } : { policy: chosen }),
      })
      .then(({ id }) => onBegun(id))
      // Why it was refused is shown below.
      .catch(() => undefined);
  };
  return (
    <form onSubmit={begin}>
      <Stack>
        <SegmentedControl
          fullWidth
          aria-label={words.way}
          data={(["destination", "policy"] as const).map((value) => ({ value, label: words.ways[value] }))}
          value={way}
          onChange={setWay}
        />
        {way === "destination" ? (
          <>
            <DestinationChoice value={destination} onChange={setDestination} />
            <Select
              label={words.priority}
              data={priorities.map((value) => ({ value, label: texts.actions.common.priorities[value] }))}
              value={priority}
              onChange={(value) => setPriority(value as Priority)}
              allowDeselect={false}
            />
          </>
        ) : (
          <PolicyChoice value={policy} onChange={setPolicy} />
        )}
        <Checkbox
          label={words.again}
          description={words.againHint}
          checked={again}
          onChange={(event) => setAgain(event.currentTarget.checked)}
        />
        {start.isError ? <Problem error={start.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {texts.common.cancel}
          </Button>
          <Button type="submit" disabled={chosen === null} loading={start.isPending}>
            {words.confirm}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface ChoiceProps {
  value: string | null;
  onChange: (id: string | null) => void;
}

/** Of the destinations that images can be sent on to. */
function DestinationChoice({ value, onChange }: ChoiceProps) {
  const destinations = useDestinations().data;
  const kinds = useDestinationKinds().data;
  const able = destinations?.filter((one) =>
    kinds?.find(({ kind }) => kind === one.kind)?.actions.includes("forward"),
  );
  if (kinds && able?.length === 0) {
    return (
      <Text size="sm">
        {words.noDestinations}{" "}
        <Anchor component={Link} to="/destinations/new" underline="always">
          {texts.actions.destination.add}
        </Anchor>
      </Text>
    );
  }
  return (
    <Select
      label={words.destination}
      placeholder={texts.actions.destination.placeholder}
      required
      searchable
      data-autofocus
      data={(able ?? []).map(({ id, name, enabled }) => ({
        value: id,
        label: enabled ? name : `${name} (${texts.actions.destination.off})`,
      }))}
      value={value}
      onChange={onChange}
    />
  );
}

function PolicyChoice({ value, onChange }: ChoiceProps) {
  const policies = usePolicies().data;
  return (
    <Select
      label={words.policy}
      description={words.policyHint}
      placeholder={words.policyPlaceholder}
      required
      searchable
      data={(policies ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      value={value}
      onChange={onChange}
    />
  );
}
