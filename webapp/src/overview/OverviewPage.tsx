// SPDX-License-Identifier: GPL-3.0-or-later
import { SimpleGrid, Stack } from "@mantine/core";
import { useDestinations } from "../api/destinations";
import { useHealth } from "../api/health";
import { usePolicies } from "../api/policies";
import { PageHeader } from "../layout/PageHeader";
import { Problem } from "../layout/Problem";
import { Waiting } from "../layout/Waiting";
import { RepeatedAnywhere } from "../studies/Repeated";
import { texts } from "../texts";
import { Failures } from "./Failures";
import { Figures } from "./Figures";
import { FirstSteps } from "./FirstSteps";
import { Lanes } from "./Lanes";
import { LastDeliveries } from "./LastDeliveries";
import { Nodes } from "./Nodes";
import { Receiver } from "./Receiver";
import { Traffic } from "./Traffic";
import { Verdict } from "./Verdict";

const words = texts.overview;

/** Is it working? One look is enough. */
export function OverviewPage() {
  const health = useHealth();
  const policies = usePolicies();
  const destinations = useDestinations();
  const delivered = Object.values(health.data?.deliveries ?? {}).some((count) => count > 0);
  const begun = policies.data?.length !== 0 && destinations.data?.length !== 0 && delivered;
  return (
    <>
      <PageHeader title={words.title} />
      {health.isPending ? <Waiting rows={4} height={88} /> : null}
      {health.isError && !health.data ? (
        <Problem error={health.error} retry={() => void health.refetch()} />
      ) : null}
      {health.data ? (
        <Stack>
          {/* What was known last does not say whether it works now. */}
          {health.isError ? null : <Verdict health={health.data} />}
          <RepeatedAnywhere repeated={health.data.intake?.repeated} />
          {policies.data && destinations.data && !begun ? (
            <FirstSteps
              health={health.data}
              hasDestination={destinations.data.length > 0}
              hasPolicy={policies.data.length > 0}
            />
          ) : null}
          <Figures health={health.data} />
          {(health.data.deliveries?.failed ?? 0) > 0 ? (
            <Failures count={health.data.deliveries?.failed ?? 0} />
          ) : null}
          <Traffic severalNodes={(health.data.nodes ?? []).length > 1} />
          <SimpleGrid cols={{ base: 1, lg: 2 }}>
            <Lanes lanes={health.data.lanes ?? []} />
            <LastDeliveries />
          </SimpleGrid>
          <Nodes nodes={health.data.nodes ?? []} />
          <Receiver health={health.data} />
        </Stack>
      ) : null}
    </>
  );
}
