// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, Code, Container } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useRouteError } from "react-router";
import { texts } from "../texts";
import { Empty } from "./Empty";

/** What stands in place of a page that could not be drawn or loaded. */
export function Crash() {
  const error = useRouteError();
  const words = texts.problems.crash;
  return (
    <Container py="xl">
      <Empty icon={IconAlertTriangle} title={words.title} text={words.text}>
        <Code block>{error instanceof Error ? error.message : String(error)}</Code>
        <Button onClick={() => window.location.reload()}>{words.reload}</Button>
      </Empty>
    </Container>
  );
}
