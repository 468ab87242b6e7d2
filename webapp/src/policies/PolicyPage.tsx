// SPDX-License-Identifier: GPL-3.0-or-later
import { useLocation, useParams } from "react-router";
import { useDestinations } from "../api/destinations";
import type { PolicyDraft } from "../api/policyDocuments";
import { usePolicies, usePolicy } from "../api/policies";
import { AlteredNotice } from "../history/AlteredNotice";
import { ProblemPage } from "../layout/ProblemPage";
import { Waiting } from "../layout/Waiting";
import { texts } from "../texts";
import { blankPolicy, copyOf } from "./draft";
import { PolicyEditor } from "./PolicyEditor";

/** One policy; `new` is one that does not exist yet. */
export function PolicyPage() {
  const { id = "new" } = useParams();
  return id === "new" ? <NewPolicy /> : <StoredPolicy id={id} key={id} />;
}

function NewPolicy() {
  const policies = usePolicies();
  const destinations = useDestinations();
  const location = useLocation();
  const example = (location.state as { copyOf?: PolicyDraft } | null)?.copyOf;
  if (policies.isPending || destinations.isPending) return <Waiting height={90} />;
  const last = Math.max(0, ...(policies.data ?? []).map((policy) => policy.order));
  const [only, another] = destinations.data ?? [];
  const blank = blankPolicy(last + 10, only && !another ? only.id : "");
  const draft = example
    ? copyOf({ ...example, order: blank.order }, texts.common.copyOf(example.name))
    : blank;
  return <PolicyEditor key={location.key} stored={undefined} blank={draft} />;
}

function StoredPolicy({ id }: { id: string }) {
  const policy = usePolicy(id);
  if (policy.data)
    return (
      <>
        <AlteredNotice collection="policies" id={id} />
        <PolicyEditor stored={policy.data} blank={policy.data} />
      </>
    );
  if (policy.isError) return <ProblemPage error={policy.error} retry={() => void policy.refetch()} />;
  return <Waiting height={90} />;
}
