import {
  IconGauge,
  IconListCheck,
  IconMapPin,
  IconPlayerTrackNext,
  IconTruckDelivery,
  type Icon,
} from "@tabler/icons-react";
import { texts } from "../texts";

/** The pages of the navigation, in their order. */
export const pages: { to: string; label: string; icon: Icon }[] = [
  { to: "/", label: texts.common.pages.overview, icon: IconGauge },
  { to: "/policies", label: texts.common.pages.policies, icon: IconListCheck },
  { to: "/destinations", label: texts.common.pages.destinations, icon: IconMapPin },
  { to: "/deliveries", label: texts.common.pages.deliveries, icon: IconTruckDelivery },
  { to: "/runs", label: texts.common.pages.runs, icon: IconPlayerTrackNext },
];
