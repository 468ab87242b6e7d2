// SPDX-License-Identifier: GPL-3.0-or-later
import { Alert, Anchor, Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "react-router";
import { useHealth, useMay } from "../api/health";
import { useAccept, type Collection } from "../api/history";
import { refused, told } from "../layout/notices";
import { exactTime } from "../layout/times";
import { texts } from "../texts";

const words = texts.history.altered;

/** Says of a document that it was changed outside the router, and lets a person accept that. */
export function AlteredNotice({ collection, id }: { collection: Collection; id: string }) {
  const altered = useHealth().data?.altered?.find((one) => one.id === id);
  const mayEdit = useMay("edit");
  const accept = useAccept(collection);
  if (!altered) return null;
  const keep = (): void => {
    accept.mutateAsync(id).then(
      () => told(words.accepted(altered.name)),
      (error: unknown) => refused(error),
    );
  };
  return (
    <Alert role="status" color="yellow" icon={<IconAlertTriangle aria-hidden />} mb="md">
      <Text size="sm">{words.text(altered.name, exactTime(altered.since))}</Text>
      <Group gap="sm" mt="xs">
        <Button size="xs" onClick={keep} loading={accept.isPending} disabled={!mayEdit}>
          {words.accept}
        </Button>
        <Anchor component={Link} to={`/${collection}/${id}/history`} fz="sm">
          {words.history}
        </Anchor>
      </Group>
    </Alert>
  );
}
