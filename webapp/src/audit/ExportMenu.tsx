// SPDX-License-Identifier: GPL-3.0-or-later
import { Button, Menu } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useAuditExport, type AuditFilter } from "../api/audit";
import { refused } from "../layout/notices";
import { saveFile } from "../layout/saveFile";
import { texts } from "../texts";

const words = texts.audit.export;

/** Saves what the filters leave as a file. */
export function ExportMenu({ filter, total }: { filter: AuditFilter; total: number }) {
  const saving = useAuditExport();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<IconDownload size={18} aria-hidden />}
          loading={saving.isPending}
          disabled={total === 0}
        >
          {words.action(total)}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(["csv", "json"] as const).map((format) => (
          <Menu.Item
            key={format}
            onClick={() =>
              saving.mutate(
                { format, filter },
                {
                  onSuccess: (file) => saveFile(file, `audit.${format}`),
                  onError: (error) => refused(error),
                },
              )
            }
          >
            {words.formats[format]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
