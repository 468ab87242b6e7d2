// SPDX-License-Identifier: GPL-3.0-or-later
import { useParams } from "react-router";
import { HistoryView } from "../history/HistoryView";
import { texts } from "../texts";

/** The history of a destination; secrets are in none of it. */
export function DestinationHistoryPage() {
  const { id = "" } = useParams();
  return (
    <HistoryView
      collection="destinations"
      id={id}
      backLabel={texts.history.backToDestination}
      fieldNames={texts.destinations.editor.fieldNames}
    />
  );
}
