// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useEffect } from "react";
import { useBlocker } from "react-router";
import { texts } from "../texts";

/** Asks before unsaved changes are left behind, within the page or by closing it. */
export function UnsavedGuard({ dirty }: { dirty: boolean }) {
  const blocker = useBlocker(({ currentLocation, nextLocation }) => {
    const leaves = currentLocation.pathname !== nextLocation.pathname;
    const saved = (nextLocation.state as { saved?: boolean } | null)?.saved === true;
    return dirty && leaves && !saved;
  });

  useEffect(() => {
    if (!dirty) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [dirty]);

  const words = texts.common.unsaved;
  return (
    <Modal
      opened={blocker.state === "blocked"}
      onClose={() => blocker.reset?.()}
      title={words.title}
      closeButtonProps={{ "aria-label": texts.common.close }}
    >
      <Stack>
        <Text>{words.text}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => blocker.proceed?.()}>
            {words.leave}
          </Button>
          <Button data-autofocus onClick={() => blocker.reset?.()}>
            {words.stay}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
