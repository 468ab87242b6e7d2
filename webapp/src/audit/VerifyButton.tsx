// SPDX-License-Identifier: GPL-3.0-or-later
import { Alert, Button, Code, Modal, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconShieldCheck } from "@tabler/icons-react";
import { useVerification } from "../api/audit";
import { Problem } from "../layout/Problem";
import { texts } from "../texts";

const words = texts.audit.verify;

/** Has the chain looked through, and says whether every entry is as it was written. */
export function VerifyButton() {
  const verification = useVerification();
  const { data, error } = verification;
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconShieldCheck size={18} aria-hidden />}
        loading={verification.isPending}
        onClick={() => verification.mutate()}
      >
        {words.action}
      </Button>
      <Modal
        opened={Boolean(data ?? error)}
        onClose={() => verification.reset()}
        title={words.title}
        closeButtonProps={{ "aria-label": texts.common.close }}
      >
        {error ? <Problem error={error} /> : null}
        {data ? (
          <Stack>
            <Alert
              role="status"
              color={data.ok ? "green" : "red"}
              icon={data.ok ? <IconShieldCheck aria-hidden /> : <IconAlertTriangle aria-hidden />}
              title={data.ok ? words.whole(data.entries) : words.broken(data.broken_at)}
            >
              {data.message}
            </Alert>
            {data.hash ? (
              <div>
                <Text size="sm">{words.keep}</Text>
                <Code block style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
                  {`${String(data.last)} ${data.hash}`}
                </Code>
              </div>
            ) : null}
          </Stack>
        ) : null}
      </Modal>
    </>
  );
}
