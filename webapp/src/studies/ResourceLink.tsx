// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Level } from "../api/documents";
import { resourcePaths, useStoredStudy } from "../api/studies";
import { texts } from "../texts";
import { studyName } from "./studyName";

/** A stored resource with the way to its page: a study by its name, others by the beginning of their id. */
export function ResourceLink({ level, id }: { level: Level; id: string }) {
  if (level === "study") return <StudyLink id={id} />;
  return (
    <Anchor component={Link} to={`/${resourcePaths[level]}/${id}`}>
      {texts.studies.levels[level]} {id.slice(0, 8)}
    </Anchor>
  );
}

/** Says so where the study is no longer stored. */
export function StudyLink({ id }: { id: string }) {
  const study = useStoredStudy(id);
  if (study.isError) return <Text component="span">{texts.studies.lineage.gone}</Text>;
  return (
    <Anchor component={Link} to={`/studies/${id}`} style={{ overflowWrap: "anywhere" }}>
      {study.data ? studyName(study.data) : id.slice(0, 8)}
    </Anchor>
  );
}
