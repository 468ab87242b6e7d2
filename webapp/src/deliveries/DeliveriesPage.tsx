import { Button, Paper, Text } from "@mantine/core";
import { IconTruckDelivery } from "@tabler/icons-react";
import { use } from "react";
import { Link, useSearchParams } from "react-router";
import { useDeliveries } from "../api/deliveries";
import { Empty } from "../layout/Empty";
import { NowContext } from "../layout/now";
import { PageHeader } from "../layout/PageHeader";
import { PageTurner } from "../layout/PageTurner";
import { Problem } from "../layout/Problem";
import { Waiting } from "../layout/Waiting";
import { texts } from "../texts";
import { DeliveryFilters } from "./DeliveryFilters";
import { DeliveryTable } from "./DeliveryTable";
import { addressOf, filterOf, pageSize, viewOf, type DeliveryView } from "./filters";
import { OrderAll } from "./OrderAll";

const words = texts.deliveries;

/** All deliveries, newest first, as the address asks for them. */
export function DeliveriesPage() {
  const [address, setAddress] = useSearchParams();
  const now = use(NowContext);
  const view = viewOf(address);
  const filter = filterOf(view, now);
  const offset = (view.page - 1) * pageSize;
  const found = useDeliveries(filter, { limit: pageSize, offset });
  const total = found.data?.total ?? 0;
  const filtered = addressOf({ ...view, page: 1 }).size > 0;
  const change = (patch: Partial<DeliveryView>): void =>
    setAddress(addressOf({ ...view, page: 1, ...patch }), { replace: !("page" in patch) });

  if (found.data && total === 0 && !filtered) {
    return (
      <>
        <PageHeader title={words.title} intro={words.intro} />
        <Empty icon={IconTruckDelivery} title={words.empty.title} text={words.empty.text}>
          <Button component={Link} to="/policies" variant="default">
            {words.empty.action}
          </Button>
        </Empty>
      </>
    );
  }
  return (
    <>
      <PageHeader title={words.title} intro={words.intro}>
        <OrderAll view={view} filter={filter} total={total} />
      </PageHeader>
      <Paper withBorder p="sm">
        <DeliveryFilters view={view} filtered={filtered} onChange={change} />
        {found.isPending ? <Waiting rows={8} height={40} /> : null}
        {found.isError ? <Problem error={found.error} retry={() => void found.refetch()} /> : null}
        {found.data && total === 0 ? (
          <Text c="dimmed" py="lg" ta="center" role="status">
            {words.nothingFound}
          </Text>
        ) : null}
        {found.data && total > 0 ? (
          <>
            <DeliveryTable deliveries={found.data.items} />
            <PageTurner
              total={total}
              pageSize={pageSize}
              page={view.page}
              onChange={(page) => change({ page })}
            />
          </>
        ) : null}
      </Paper>
    </>
  );
}
