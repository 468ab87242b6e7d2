// SPDX-License-Identifier: GPL-3.0-or-later
import { Button } from "@mantine/core";
import { IconPhotoOff } from "@tabler/icons-react";
import { Link } from "react-router";
import type { Level } from "../api/documents";
import { Empty } from "../layout/Empty";
import { PageHeader } from "../layout/PageHeader";
import { texts } from "../texts";

const words = texts.studies;

/** What is left of something that Orthanc does not store: the record of where it went. */
export function NotStored({ level, id }: { level: Level; id: string }) {
  return (
    <>
      <PageHeader title={words.levels[level]} />
      <Empty icon={IconPhotoOff} title={words.notStored.title} text={words.notStored.text}>
        <Button component={Link} to={`/deliveries?resource=${id}`} variant="default">
          {words.notStored.action}
        </Button>
      </Empty>
    </>
  );
}
