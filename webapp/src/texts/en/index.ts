import { actions } from "./actions";
import { common } from "./common";
import { deliveries } from "./deliveries";
import { destinations } from "./destinations";
import { overview } from "./overview";
import { policies } from "./policies";
import { problems } from "./problems";
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
  runs,
  destinations,
  deliveries,
  studies,
};
