// SPDX-License-Identifier: GPL-3.0-or-later
import { useParams } from "react-router";
import { useDestination } from "../api/destinations";
import { AlteredNotice } from "../history/AlteredNotice";
import { ProblemPage } from "../layout/ProblemPage";
import { Waiting } from "../layout/Waiting";
import { blankDestination } from "./draft";
import { DestinationEditor } from "./DestinationEditor";

/** One destination; `new` is one that does not exist yet. */
export function DestinationPage() {
  const { id = "new" } = useParams();
  return id === "new" ? (
    <DestinationEditor stored={undefined} blank={blankDestination} />
  ) : (
    <Stored id={id} key={id} />
  );
}

function Stored({ id }: { id: string }) {
  const destination = useDestination(id);
  if (destination.data)
    return (
      <>
        <AlteredNotice collection="destinations" id={id} />
        <DestinationEditor stored={destination.data} blank={destination.data} />
      </>
    );
  if (destination.isError)
    return <ProblemPage error={destination.error} retry={() => void destination.refetch()} />;
  return <Waiting height={90} />;
}
