// SPDX-License-Identifier: GPL-3.0-or-later
import { ActionIcon, Button, Checkbox, FileButton, Group, List, Modal, Stack, Text } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import type { Redaction } from "../../../api/actions";
import {
  useDevices,
  useRestoreDevices,
  useSaveDevices,
  withDevice,
  type DeviceLibrary as Library,
} from "../../../api/devices";
import { useMay } from "../../../api/health";
import { refused, told, toldWithUndo } from "../../../layout/notices";
import { Problem } from "../../../layout/Problem";
import { saveFile } from "../../../layout/saveFile";
import { Time } from "../../../layout/Time";
import { texts } from "../../../texts";
import type { TransformPartProps } from "./transform";

const words = texts.actions.redact.devices;

/** Whether the areas of the library of devices count as well, and the library. It is no part of the policy: what is
 * done here is done at once, for all policies. */
export function DeviceLibrary({ transform, onChange }: Omit<TransformPartProps, "place">) {
  const library = useDevices().data;
  const [shown, setShown] = useState(false);
  // People who may see the studies of some labels only may not ask for it.
  if (!library && !transform.redact_devices) return null;
  return (
    <Group align="flex-start" justify="space-between">
      <Checkbox
        label={words.use}
        description={words.useHint}
        checked={transform.redact_devices ?? false}
        onChange={({ currentTarget }) => onChange({ ...transform, redact_devices: currentTarget.checked })}
      />
      {library ? (
        <Button size="compact-sm" variant="subtle" onClick={() => setShown(true)}>
          {words.open(library.redactions.length)}
        </Button>
      ) : null}
      {library ? <LibraryDialog library={library} opened={shown} onClose={() => setShown(false)} /> : null}
    </Group>
  );
}

/** Puts a redaction of the policy into the library, or in the place of the one there that has its name. */
export function IntoLibrary({ redaction }: { redaction: Redaction }) {
  const library = useDevices().data;
  const mayEdit = useMay("edit");
  const change = useLibraryChange(library);
  if (!library || !mayEdit || !redaction.name?.trim()) return null;
  return (
    <Button
      size="compact-xs"
      variant="subtle"
      w="fit-content"
      loading={change.isPending}
      onClick={() =>
        change.to(withDevice(library.redactions, redaction), words.added(redaction.name?.trim() ?? ""))
      }
    >
      {words.add}
    </Button>
  );
}

interface LibraryDialogProps {
  library: Library;
  opened: boolean;
  onClose: () => void;
}

function LibraryDialog({ library, opened, onClose }: LibraryDialogProps) {
  const { redactions, updated_at: at, updated_by: by } = library;
  const mayEdit = useMay("edit");
  const change = useLibraryChange(library);
  const [problem, setProblem] = useState<unknown>(null);
  const read = async (file: File | null): Promise<void> => {
    if (!file) return;
    setProblem(null);
    const content = contentOf(await file.text());
    if (content) change.to(content, words.imported(content.length), setProblem);
    else setProblem(new Error(words.noLibrary));
  };
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={words.title}
      closeButtonProps={{ "aria-label": texts.common.close }}
      size="lg"
    >
      <Stack>
        <Text size="sm">{words.hint}</Text>
        {problem ? <Problem error={problem} /> : null}
        {redactions.length === 0 ? <Text c="dimmed">{words.empty}</Text> : null}
        <List listStyleType="none">
          {redactions.map((redaction) => (
            <List.Item key={redaction.name}>
              <Group gap="xs" wrap="nowrap">
                <Text size="sm">{redaction.name}</Text>
                {mayEdit ? (
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={words.remove(redaction.name ?? "")}
                    onClick={() =>
                      change.to(
                        redactions.filter((one) => one !== redaction),
                        words.removed(redaction.name ?? ""),
                      )
                    }
                  >
                    <IconTrash size={16} />
                  </ActionIcon>
                ) : null}
              </Group>
            </List.Item>
          ))}
        </List>
        {at ? (
          <Text size="sm" c="dimmed">
            {words.saved(by)} <Time at={at} />
          </Text>
        ) : null}
        <Group gap="xs">
          <Button
            variant="default"
            disabled={redactions.length === 0}
            onClick={() =>
              saveFile(new Blob([`${JSON.stringify({ redactions }, null, 2)}\n`]), "devices.json")
            }
          >
            {words.export}
          </Button>
          {mayEdit ? (
            <FileButton onChange={(file) => void read(file)} accept=".json">
              {(button) => (
                <Button {...button} variant="default" loading={change.isPending}>
                  {words.import}
                </Button>
              )}
            </FileButton>
          ) : null}
        </Group>
      </Stack>
    </Modal>
  );
}

/** Saves the library, and offers to undo it. */
function useLibraryChange(library: Library | undefined) {
  const saving = useSaveDevices();
  const restoring = useRestoreDevices();
  const to = (redactions: Redaction[], done: string, onError: (error: unknown) => void = refused): void => {
    const revision = library?.revision ?? 0;
    saving.mutate(
      { redactions, revision },
      {
        onSuccess: () =>
          revision ? toldWithUndo(done, () => restoring.mutate(revision, { onError })) : told(done),
        onError,
      },
    );
  };
  return { to, isPending: saving.isPending || restoring.isPending };
}

/** The redactions in a file that was saved from a library; null where it is none. */
function contentOf(text: string): Redaction[] | null {
  try {
    const content = JSON.parse(text) as { redactions?: unknown };
    return Array.isArray(content.redactions) ? (content.redactions as Redaction[]) : null;
  } catch {
    return null;
  }
}
