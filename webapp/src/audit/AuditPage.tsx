// SPDX-License-Identifier: GPL-3.0-or-later
import { IconHistory } from "@tabler/icons-react";
import { useSearchParams } from "react-router";
import { useAudit } from "../api/audit";
import { Empty } from "../layout/Empty";
import { FoundList } from "../layout/FoundList";
import { PageHeader } from "../layout/PageHeader";
import { texts } from "../texts";
import { AuditFilters } from "./AuditFilters";
import { AuditTable } from "./AuditTable";
import { ExportMenu } from "./ExportMenu";
import { addressOf, filterOf, pageSize, viewOf, type AuditView } from "./filters";
import { VerifyButton } from "./VerifyButton";

const words = texts.audit;

/** Who changed what, and what was done to which patient's data, as the address asks for it. */
export function AuditPage() {
  const [address, setAddress] = useSearchParams();
  const view = viewOf(address);
  const filter = filterOf(view);
  const offset = (view.page - 1) * pageSize;
  const found = useAudit(filter, { limit: pageSize, offset });
  const total = found.data?.total ?? 0;
  const filtered = addressOf({ ...view, page: 1 }).size > 0;
  const change = (patch: Partial<AuditView>): void =>
    setAddress(addressOf({ ...view, page: 1, ...patch }), { replace: !("page" in patch) });
  if (found.data && total === 0 && !filtered) {
    return (
      <>
        <PageHeader title={words.title} intro={words.intro} />
        <Empty icon={IconHistory} title={words.empty.title} text={words.empty.text} />
      </>
    );
  }
  return (
    <>
      <PageHeader title={words.title} intro={words.intro}>
        <VerifyButton />
        <ExportMenu filter={filter} total={total} />
      </PageHeader>
      <FoundList
        found={found}
        filters={<AuditFilters view={view} filtered={filtered} onChange={change} />}
        nothingFound={words.nothingFound}
        pageSize={pageSize}
        page={view.page}
        onPage={(page) => change({ page })}
      >
        {(entries) => <AuditTable entries={entries} />}
      </FoundList>
    </>
  );
}
