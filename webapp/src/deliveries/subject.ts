import type { Delivery } from "../api/documents";
import { personName } from "../layout/times";
import { texts } from "../texts";

/** What a delivery is about, in one line: whose images, of what, and where to. */
export function subject(delivery: Delivery): string {
  const { resource, destination } = delivery;
  const who = personName(resource.patient_name) || resource.patient_id || texts.deliveries.noPatient;
  const what = [resource.modality, resource.study_description].filter(Boolean).join(" ");
  const where = destination?.name ?? texts.deliveries.noDestination;
  return `${[who, what].filter(Boolean).join(" · ")} → ${where}`;
}
