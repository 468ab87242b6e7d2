import { Button } from "@mantine/core";
import { IconMapQuestion } from "@tabler/icons-react";
import { Link } from "react-router";
import { texts } from "../texts";
import { Empty } from "./Empty";

export function NotFound() {
  return (
    <Empty icon={IconMapQuestion} title={texts.common.notFoundTitle} text={texts.common.notFoundText}>
      <Button component={Link} to="/">
        {texts.common.toOverview}
      </Button>
    </Empty>
  );
}
