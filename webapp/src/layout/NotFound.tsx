// SPDX-License-Identifier: GPL-3.0-or-later
import { Button } from "@mantine/core";
import { IconMapQuestion } from "@tabler/icons-react";
import { Link } from "react-router";
import { texts } from "../texts";
import { PageHeader } from "./PageHeader";
import { Empty } from "./Empty";

export function NotFound() {
  return (
    <>
      <PageHeader title={texts.common.notFoundTitle} />
      <Empty icon={IconMapQuestion} title={texts.common.notFoundLead} text={texts.common.notFoundText}>
        <Button component={Link} to="/">
          {texts.common.toOverview}
        </Button>
      </Empty>
    </>
  );
}
