// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Badge } from "@mantine/core";
import { Link } from "react-router";
import type { Stored } from "../api/documents";
import { Time } from "../layout/Time";
import { texts } from "../texts";

const words = texts.history;

/** Which revision a document is at, when it was saved and by whom; leads to those before. */
export function SavedWhen({ document, history }: { document: Stored; history: string }) {
  return (
    <>
      <Badge variant="default" tt="none" mr={6}>
        {words.revision(document.revision)}
      </Badge>
      <Time at={document.updated_at} /> {words.by(document.updated_by)}{" "}
      <Anchor component={Link} to={history} ml={6} underline="always">
        {words.title}
      </Anchor>
    </>
  );
}
