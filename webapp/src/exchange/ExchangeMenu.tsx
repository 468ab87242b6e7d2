// SPDX-License-Identifier: GPL-3.0-or-later
import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { IconDownload, IconFileImport, IconTransfer } from "@tabler/icons-react";
import { Link } from "react-router";
import { exported, formats, type Format } from "../api/exchange";
import { useMay } from "../api/health";
import { refused, told } from "../layout/notices";
import { saveFile } from "../layout/saveFile";
import { texts } from "../texts";

const words = texts.exchange;

/** Takes all policies and destinations away as one document, or brings such a document in. */
export function ExchangeMenu() {
  const mayEdit = useMay("edit");
  const save = (format: Format): void => {
    const file = `orthanc-router.${format}`;
    exported(format).then(
      (text) => {
        saveFile(new Blob([text], { type: "text/plain;charset=utf-8" }), file);
        told(words.exported(file));
      },
      (error: unknown) => refused(error),
    );
  };
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Tooltip label={words.menu}>
          <ActionIcon variant="default" size={36} aria-label={words.menu}>
            <IconTransfer size={18} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {formats.map((format) => (
          <Menu.Item
            key={format}
            leftSection={<IconDownload size={16} aria-hidden />}
            onClick={() => save(format)}
          >
            {words.export[format]}
          </Menu.Item>
        ))}
        <Menu.Item
          component={Link}
          to="/import"
          disabled={!mayEdit}
          leftSection={<IconFileImport size={16} aria-hidden />}
        >
          {words.import}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
