// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconSend } from "@tabler/icons-react";
import { useState } from "react";
import { useMay } from "../api/health";
import type { ResourceReference } from "../api/studies";
import { texts } from "../texts";
import { RouteNowForm } from "./RouteNowForm";
import { RouteNowProgress } from "./RouteNowProgress";

const words = texts.routing;

/** Has stored resources routed by hand, and shows what comes of it. */
export function RouteNowButton({ resources }: { resources: ResourceReference[] }) {
  const mayOperate = useMay("operate");
  const [opened, { open, close }] = useDisclosure();
  const [run, setRun] = useState<string | null>(null);
  if (!mayOperate || resources.length === 0) return null;
  const begin = (): void => {
    setRun(null);
    open();
  };
  return (
    <>
      <Button leftSection={<IconSend size={18} aria-hidden />} onClick={begin}>
        {words.action}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={words.title(resources)}
        closeButtonProps={{ "aria-label": texts.common.close }}
      >
        {run === null ? (
          <RouteNowForm resources={resources} onBegun={setRun} onCancel={close} />
        ) : (
          <RouteNowProgress id={run} onClose={close} />
        )}
      </Modal>
    </>
  );
}
