// SPDX-License-Identifier: GPL-3.0-or-later
import { Checkbox, NumberInput, Select, SimpleGrid, Stack, Switch, TextInput } from "@mantine/core";
import { retentions } from "../../../api/actions";
import { useFault } from "../../../editing/faults";
import { TagList } from "../../../rules/TagList";
import { texts } from "../../../texts";
import { CodeListField } from "./CodeListField";
import { profileOf, withProfile, type TransformFormProps } from "./transform";

const words = texts.actions.transform;

/** Whose images they are: de-identification, UIDs, dates, private tags. */
export function IdentityFields({ transform, place, stores, destination = "", onChange }: TransformFormProps) {
  const faults = {
    anonymize: useFault(`${place}.anonymize`, true),
    uids: useFault(`${place}.uids`),
    dates: useFault(`${place}.date_shift`),
    project: useFault(`${place}.project`),
    private: useFault(`${place}.remove_private`),
  };
  const profile = profileOf(transform);
  const shifts = typeof transform.date_shift === "number";
  return (
    <Stack gap="sm">
      <Switch
        label={words.anonymize}
        description={words.anonymizeHint}
        checked={profile !== null}
        onChange={(event) => onChange(withProfile(transform, event.currentTarget.checked ? {} : null))}
        error={faults.anonymize}
      />
      {profile ? (
        <>
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs" role="group" aria-label={words.retain}>
            {retentions.map((option) => (
              <Checkbox
                key={option}
                label={words.retentions[option]}
                checked={profile[option] ?? false}
                disabled={option === "retain_dates" && shifts && !profile[option]}
                onChange={(event) =>
                  onChange(withProfile(transform, { ...profile, [option]: event.currentTarget.checked }))
                }
              />
            ))}
          </SimpleGrid>
          <TagList
            label={words.retainPrivate}
            place={`${place}.anonymize.retain_private`}
            tags={profile.retain_private ?? []}
            onChange={(retain_private) => onChange(withProfile(transform, { ...profile, retain_private }))}
          />
          <Checkbox
            label={words.keepUnknown}
            checked={profile.unknown_and_free_text === "keep"}
            onChange={(event) =>
              onChange(
                withProfile(transform, {
                  ...profile,
                  unknown_and_free_text: event.currentTarget.checked ? "keep" : "remove",
                }),
              )
            }
          />
          <Select
            label={words.burnedIn}
            description={words.burnedInHint}
            data={(["send", "hold", "refuse"] as const).map((value) => ({
              value,
              label: words.burnedInChoices[value],
            }))}
            value={transform.burned_in ?? "send"}
            onChange={(burned_in) => onChange({ ...transform, burned_in: burned_in ?? "send" })}
            allowDeselect={false}
          />
        </>
      ) : null}
      {profile && !faults.uids ? null : (
        <Select
          label={words.uids}
          placeholder={stores ? words.uidsIfStored : words.uidsIfSent}
          data={(["keep", "regenerate"] as const).map((value) => ({ value, label: words.uidChoices[value] }))}
          value={transform.uids ?? null}
          onChange={(uids) => onChange({ ...transform, uids: uids })}
          clearable
          error={faults.uids}
        />
      )}
      <Switch
        label={words.shift}
        description={profile?.retain_dates && !shifts ? words.shiftOrRetain : words.shiftHint}
        checked={shifts}
        disabled={profile?.retain_dates && !shifts}
        onChange={(event) => onChange({ ...transform, date_shift: event.currentTarget.checked ? 365 : null })}
        error={shifts ? undefined : faults.dates}
      />
      {shifts ? (
        <NumberInput
          label={words.days}
          w={{ base: "100%", xs: 260 }}
          allowDecimal={false}
          clampBehavior="none"
          hideControls
          value={transform.date_shift ?? ""}
          onChange={(days) => onChange({ ...transform, date_shift: Number(days) })}
          error={faults.dates}
        />
      ) : null}
      <TextInput
        label={words.project}
        description={words.projectHint}
        w={{ base: "100%", xs: 360 }}
        value={transform.project ?? ""}
        onChange={(event) => onChange({ ...transform, project: event.currentTarget.value || null })}
        error={faults.project}
      />
      {transform.project && (transform.project !== "@destination" || destination) ? (
        <CodeListField
          project={transform.project}
          destination={transform.project === "@destination" ? destination : ""}
        />
      ) : null}
      <Switch
        label={words.removePrivate}
        checked={transform.remove_private ?? false}
        onChange={(event) => onChange({ ...transform, remove_private: event.currentTarget.checked })}
        error={faults.private}
      />
    </Stack>
  );
}
