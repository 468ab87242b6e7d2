// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { texts } from "../texts";
import { problemWords } from "./problemWords";

const closeButton = { "aria-label": texts.common.close };

/** Say in passing that something has been done. */
export function told(message: string): void {
  notifications.show({ message, color: "green", withBorder: true, closeButtonProps: closeButton });
}

/** Say in passing that something has been done, and that it is to be looked at. */
export function warned(message: string): void {
  notifications.show({ message, color: "orange", withBorder: true, closeButtonProps: closeButton });
}

/** Say that something has not been done, and why. */
export function refused(error: unknown, title?: string): void {
  const words = problemWords(error);
  notifications.show({
    title: title ?? words.title,
    message: title ? words.text || words.title : words.text,
    color: "red",
    autoClose: 10_000,
    withBorder: true,
    closeButtonProps: closeButton,
  });
}

/** Say that something has been done, and offer to undo it. */
export function toldWithUndo(message: string, undo: () => void): void {
  const id = notifications.show({
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{message}</Text>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            notifications.hide(id);
            undo();
          }}
        >
          {texts.common.undo}
        </Button>
      </Group>
    ),
    autoClose: 12_000,
    withBorder: true,
    closeButtonProps: closeButton,
  });
}
