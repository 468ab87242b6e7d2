// SPDX-License-Identifier: GPL-3.0-or-later
import type { Delivery, DeliveryResource } from "../api/deliveryDocuments";
import { personName } from "../layout/times";
import { texts } from "../texts";

/** What was examined: modality and description, once where the description begins with the modality. */
export function examination({ modality, study_description: description }: DeliveryResource): string {
  const [first = ""] = description.split(/\s/);
  const said = first.toUpperCase() === modality.toUpperCase();
  return [said ? "" : modality, description].filter(Boolean).join(" ");
}

/** What a delivery is about, in one line: whose images, of what, and where to. */
export function subject(delivery: Delivery): string {
  const { resource, destination } = delivery;
  const who = personName(resource.patient_name) || resource.patient_id || texts.deliveries.noPatient;
  const where = destination?.name ?? texts.deliveries.noDestination;
  return `${[who, examination(resource)].filter(Boolean).join(" · ")} → ${where}`;
}
