import { Paper, Text } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useSearchParams } from "react-router";
import { useAudit } from "../api/audit";
import { Empty } from "../layout/Empty";
import { PageHeader } from "../layout/PageHeader";
import { PageTurner } from "../layout/PageTurner";
import { Problem } from "../layout/Problem";
import { Waiting } from "../layout/Waiting";
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
      <Paper withBorder p="sm">
        <AuditFilters view={view} filtered={filtered} onChange={change} />
        {found.isPending ? <Waiting rows={8} height={40} /> : null}
        {found.isError ? <Problem error={found.error} retry={() => void found.refetch()} /> : null}
        {found.data && total === 0 ? (
          <Text c="dimmed" py="lg" ta="center" role="status">
            {words.nothingFound}
          </Text>
        ) : null}
        {found.data && total > 0 ? (
          <>
            <AuditTable entries={found.data.items} />
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
