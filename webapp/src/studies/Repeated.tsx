// SPDX-License-Identifier: GPL-3.0-or-later
import { Alert, Anchor, Text } from "@mantine/core";
import { IconCopyOff } from "@tabler/icons-react";
import { Link } from "react-router";
import type { RepeatedImages } from "../api/healthDocuments";
import { exactTime } from "../layout/times";
import { texts } from "../texts";

const words = texts.studies.repeated;

/** Images of a study that came again and were not kept. */
export function RepeatedOfStudy({ repeated }: { repeated: RepeatedImages }) {
  return (
    <Alert
      role="status"
      color={repeated.differing > 0 ? "yellow" : "gray"}
      icon={<IconCopyOff aria-hidden />}
    >
      <Text size="sm">
        {words.ofStudy(repeated.images, exactTime(repeated.at ?? repeated.since), repeated.aet)}
        {repeated.differing > 0 ? ` ${words.differing(repeated.differing, repeated.tags ?? [])}` : null}
        {repeated.uncompared > 0 ? ` ${words.uncompared(repeated.uncompared)}` : null}
        {` ${repeated.differing > 0 ? words.remedy : ""}`.trimEnd()}
      </Text>
    </Alert>
  );
}

/** That corrections of any study were dropped; nothing where none were. */
export function RepeatedAnywhere({ repeated }: { repeated?: RepeatedImages | null }) {
  if (!repeated || repeated.differing === 0) return null;
  return (
    <Alert role="status" color="yellow" icon={<IconCopyOff aria-hidden />} py="xs">
      <Text size="sm">
        {words.anywhere(repeated.differing, exactTime(repeated.since))}{" "}
        <Anchor component={Link} to={`/studies/${repeated.study ?? ""}`} c="inherit">
          {words.lastStudy}
        </Anchor>
      </Text>
    </Alert>
  );
}
