// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Box, Button, Group, SimpleGrid, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBan, IconRefresh } from "@tabler/icons-react";
import { Link, useParams } from "react-router";
import { useDelivery, useOrderDeliveries, type DeliveryOrder } from "../api/deliveries";
import { useMay } from "../api/health";
import type { Delivery, DeliveryDetail } from "../api/deliveryDocuments";
import { LineageSection } from "../lineage/LineageSection";
import { BackLink } from "../layout/BackLink";
import { refused, told } from "../layout/notices";
import { PageHeader } from "../layout/PageHeader";
import { ProblemPage } from "../layout/ProblemPage";
import { Section } from "../layout/Section";
import { Waiting } from "../layout/Waiting";
import { texts } from "../texts";
import { Attempts } from "./Attempts";
import { DeliveryInstances } from "./DeliveryInstances";
import { DeliveryResults } from "./DeliveryResults";
import { DeliveryFacts } from "./DeliveryFacts";
import { canCancel, canRetry } from "./filters";
import { OrderQuestion } from "./OrderQuestion";
import { StateBadge } from "./StateBadge";
import { subject } from "./subject";

const words = texts.deliveries;

/** One delivery: what happened, and what it is about. */
export function DeliveryPage() {
  const { id = "" } = useParams();
  const found = useDelivery(id);
  if (found.data) return <Detail delivery={found.data} />;
  if (found.isError) return <ProblemPage error={found.error} retry={() => void found.refetch()} />;
  return <Waiting height={90} />;
}

function Detail({ delivery }: { delivery: DeliveryDetail }) {
  return (
    <>
      <PageHeader
        title={subject(delivery)}
        before={<BackLink to="/deliveries" label={words.detail.back} />}
        intro={
          <Group gap="xs">
            <StateBadge state={delivery.state} />
            {words.images(delivery.instances)}
            {delivery.note ? <span>{delivery.note}</span> : null}
          </Group>
        }
      >
        <Orders delivery={delivery} />
      </PageHeader>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Stack>
          <Section title={words.detail.attempts}>
            <Attempts delivery={delivery} />
          </Section>
          <DeliveryResults delivery={delivery} />
          <DeliveryInstances ids={delivery.instance_ids} />
        </Stack>
        <Section title={words.detail.facts}>
          <Stack gap="sm">
            <DeliveryFacts delivery={delivery} />
            {delivery.resource.study ? (
              <Anchor component={Link} to={`/studies/${delivery.resource.study}`} fz="sm">
                {words.detail.openStudy}
              </Anchor>
            ) : null}
          </Stack>
        </Section>
      </SimpleGrid>
      {delivery.lineage ? (
        <Box mt="md">
          <LineageSection level="study" id={delivery.resource.study} />
        </Box>
      ) : null}
    </>
  );
}

function Orders({ delivery }: { delivery: Delivery }) {
  const mayOperate = useMay("operate");
  const order = useOrderDeliveries();
  const [asking, { open, close }] = useDisclosure();
  if (!mayOperate) return null;
  const held = delivery.state === "held";
  const give = (what: DeliveryOrder): void => {
    close();
    order.mutateAsync({ order: what, wanted: delivery.id }).then(
      () => told(what === "cancel" ? words.cancelled(1) : held ? words.sentNow : words.retried(1)),
      (error: unknown) => refused(error),
    );
  };
  return (
    <>
      {canRetry(delivery.state) ? (
        <Button
          leftSection={<IconRefresh size={18} aria-hidden />}
          loading={order.isPending}
          onClick={() => give("retry")}
        >
          {held ? words.sendNow : words.retry}
        </Button>
      ) : null}
      {canCancel(delivery.state) ? (
        <Button variant="default" leftSection={<IconBan size={18} aria-hidden />} onClick={open}>
          {words.cancel}
        </Button>
      ) : null}
      <OrderQuestion order={asking ? "cancel" : null} count={1} onClose={close} onConfirm={give} />
    </>
  );
}
