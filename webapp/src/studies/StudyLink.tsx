import { Anchor, Text } from "@mantine/core";
import { Link } from "react-router";
import { useStoredStudy } from "../api/studies";
import { texts } from "../texts";
import { studyName } from "./studyName";

/** A study by its name, with the way to its page; says so where it is no longer stored. */
export function StudyLink({ id }: { id: string }) {
  const study = useStoredStudy(id);
  if (study.isError) return <Text component="span">{texts.studies.lineage.gone}</Text>;
  return (
    <Anchor component={Link} to={`/studies/${id}`} style={{ overflowWrap: "anywhere" }}>
      {study.data ? studyName(study.data) : id.slice(0, 8)}
    </Anchor>
  );
}
