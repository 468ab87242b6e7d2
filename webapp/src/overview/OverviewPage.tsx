import { Alert, List, SimpleGrid, Stack } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useDestinations } from "../api/destinations";
import type { Health } from "../api/documents";
import { useHealth } from "../api/health";
import { usePolicies } from "../api/policies";
import { PageHeader } from "../layout/PageHeader";
import { Problem } from "../layout/Problem";
import { Waiting } from "../layout/Waiting";
import { texts } from "../texts";
import { Failures } from "./Failures";
import { Figures } from "./Figures";
import { FirstSteps } from "./FirstSteps";
import { Lanes } from "./Lanes";
import { LastDeliveries } from "./LastDeliveries";
import { Receiver } from "./Receiver";
import { Traffic } from "./Traffic";

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
      <PageHeader title={words.title} intro={health.data ? <Verdict health={health.data} /> : null} />
      {health.isPending ? <Waiting rows={4} height={88} /> : null}
      {health.isError && !health.data ? (
        <Problem error={health.error} retry={() => void health.refetch()} />
      ) : null}
      {health.data ? (
        <Stack>
          <Problems health={health.data} />
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
          <Traffic />
          <SimpleGrid cols={{ base: 1, lg: 2 }}>
            <Lanes lanes={health.data.lanes ?? []} />
            <LastDeliveries />
          </SimpleGrid>
          <Receiver health={health.data} />
        </Stack>
      ) : null}
    </>
  );
}

function Verdict({ health }: { health: Health }) {
  return health.status === "ok" ? <>{`${words.working}. ${words.workingText}`}</> : <>{words.degraded}.</>;
}

function Problems({ health }: { health: Health }) {
  const problems = health.problems ?? [];
  if (problems.length === 0) return null;
  return (
    <Alert role="alert" color="orange" icon={<IconAlertTriangle aria-hidden />} title={words.degraded}>
      <List size="sm">
        {problems.map((problem) => (
          <List.Item key={`${problem.code} ${problem.message}`}>{problem.message}</List.Item>
        ))}
      </List>
    </Alert>
  );
}
