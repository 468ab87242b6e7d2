// SPDX-License-Identifier: GPL-3.0-or-later
import {
  IconGauge,
  IconHistory,
  IconListCheck,
  IconMapPin,
  IconPlayerTrackNext,
  IconServer2,
  IconTruckDelivery,
  type Icon,
} from "@tabler/icons-react";
import { texts } from "../texts";

export interface NavigationPage {
  to: string;
  label: string;
  icon: Icon;
  /** Only of use where several nodes share a store. */
  ofSeveralNodes?: boolean;
}

/** The pages of the navigation, in their order. */
export const pages: NavigationPage[] = [
  { to: "/", label: texts.common.pages.overview, icon: IconGauge },
  { to: "/policies", label: texts.common.pages.policies, icon: IconListCheck },
  { to: "/destinations", label: texts.common.pages.destinations, icon: IconMapPin },
  { to: "/deliveries", label: texts.common.pages.deliveries, icon: IconTruckDelivery },
  { to: "/runs", label: texts.common.pages.runs, icon: IconPlayerTrackNext },
  { to: "/audit", label: texts.common.pages.audit, icon: IconHistory },
  { to: "/nodes", label: texts.common.pages.nodes, icon: IconServer2, ofSeveralNodes: true },
];
