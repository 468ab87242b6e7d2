// SPDX-License-Identifier: GPL-3.0-or-later
import { Alert } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { texts } from "../../texts";

/** Delete the images from this Orthanc; there is nothing to fill in, but something to know. */
export function DeleteForm() {
  return (
    <Alert color="orange" icon={<IconAlertTriangle aria-hidden />}>
      {texts.actions.delete.text}
    </Alert>
  );
}
