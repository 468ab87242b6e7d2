// SPDX-License-Identifier: GPL-3.0-or-later
import { Button } from "@mantine/core";
import { IconTruckDelivery } from "@tabler/icons-react";
import { use } from "react";
import { Link, useSearchParams } from "react-router";
import { useDeliveries } from "../api/deliveries";
import { Empty } from "../layout/Empty";
import { NowContext } from "../layout/now";
import { FoundList } from "../layout/FoundList";
import { PageHeader } from "../layout/PageHeader";
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
        <OrderAll filter={filter} total={total} stale={found.isPlaceholderData} />
      </PageHeader>
      <FoundList
        found={found}
        filters={<DeliveryFilters view={view} filtered={filtered} onChange={change} />}
        nothingFound={words.nothingFound}
        pageSize={pageSize}
        page={view.page}
        onPage={(page) => change({ page })}
      >
        {(deliveries) => <DeliveryTable deliveries={deliveries} />}
      </FoundList>
    </>
  );
}
