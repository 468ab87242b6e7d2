// SPDX-License-Identifier: GPL-3.0-or-later
import { Select, Stack, Text } from "@mantine/core";
import { use, type ReactNode } from "react";
import { useFault } from "../../../editing/faults";
import { texts } from "../../../texts";
import { SampleContext } from "../sample";
import { BeforeAndAfter } from "./BeforeAndAfter";
import { IdentityFields } from "./IdentityFields";
import { RedactionList } from "./RedactionList";
import { TagFields } from "./TagFields";
import classes from "./TransformForm.module.css";
import { projectOf, transferSyntaxes, type TransformFormProps } from "./transform";

const words = texts.actions.transform;

/** Everything that is changed in the images: whose they are, tags, pixels, encoding. */
export function TransformForm({ stores, destination = "", ...part }: TransformFormProps) {
  const { transform, place, onChange } = part;
  const sample = use(SampleContext);
  const faults = { whole: useFault(place), syntax: useFault(`${place}.transfer_syntax`) };
  return (
    <div className={classes.form}>
      {faults.whole ? (
        <Text c="var(--mantine-color-error)" size="sm" role="alert">
          {faults.whole}
        </Text>
      ) : null}
      <Part title={words.identity}>
        <IdentityFields {...part} stores={stores} destination={destination} />
      </Part>
      <Part title={words.tags}>
        <SampleContext value={sample && { ...sample, project: projectOf(transform, destination) }}>
          <TagFields {...part} />
        </SampleContext>
      </Part>
      <Part title={words.pixels}>
        <RedactionList {...part} />
      </Part>
      <Part title={words.encoding}>
        <Select
          label={words.transferSyntax}
          placeholder={words.sameEncoding}
          data={transferSyntaxes.map((value) => ({ value, label: words.transferSyntaxes[value] }))}
          value={transform.transfer_syntax ?? null}
          onChange={(transfer_syntax) => onChange({ ...transform, transfer_syntax })}
          clearable
          error={faults.syntax}
        />
      </Part>
      <Part title={words.trial.title}>
        <BeforeAndAfter transform={transform} stores={stores} destination={destination} />
      </Part>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className={classes.part}>
      <legend>{title}</legend>
      <Stack gap="sm">{children}</Stack>
    </fieldset>
  );
}
