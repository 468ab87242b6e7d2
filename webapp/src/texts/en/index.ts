// SPDX-License-Identifier: GPL-3.0-or-later
import { actions } from "./actions";
import { audit } from "./audit";
import { common } from "./common";
import { deliveries } from "./deliveries";
import { destinations } from "./destinations";
import { exchange } from "./exchange";
import { history } from "./history";
import { nodes } from "./nodes";
import { overview } from "./overview";
import { policies } from "./policies";
import { problems } from "./problems";
import { routing } from "./routing";
import { rules } from "./rules";
import { runs } from "./runs";
import { studies } from "./studies";

export const en = {
  common,
  problems,
  overview,
  policies,
  actions,
  rules,
  routing,
  runs,
  history,
  exchange,
  destinations,
  deliveries,
  studies,
  audit,
  nodes,
};
