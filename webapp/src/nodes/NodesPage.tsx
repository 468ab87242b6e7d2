// SPDX-License-Identifier: GPL-3.0-or-later
import { Alert, Stack } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useNodes } from "../api/nodes";
import { PageHeader } from "../layout/PageHeader";
import { Problem } from "../layout/Problem";
import { Waiting } from "../layout/Waiting";
import { texts } from "../texts";
import { NodeBox } from "./NodeBox";

const words = texts.nodes;

/** The Orthancs that work together on one store: how each is, and having one finish before it is stopped. */
export function NodesPage() {
  const found = useNodes();
  return (
    <>
      <PageHeader title={words.title} intro={words.intro} />
      {found.isPending ? <Waiting rows={2} height={110} /> : null}
      {found.isError && !found.data ? (
        <Problem error={found.error} retry={() => void found.refetch()} />
      ) : null}
      <Stack>
        {found.data?.map((node) => (
          <NodeBox key={node.id} node={node} />
        ))}
        {found.data?.length === 1 ? (
          <Alert variant="light" color="gray" icon={<IconInfoCircle aria-hidden />} title={words.alone.title}>
            {words.alone.text}
          </Alert>
        ) : null}
      </Stack>
    </>
  );
}
