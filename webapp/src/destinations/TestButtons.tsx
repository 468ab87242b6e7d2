// SPDX-License-Identifier: GPL-3.0-or-later
import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconCheck, IconPhotoUp, IconPlugConnected, IconX } from "@tabler/icons-react";
import { useEffect, useRef, type ReactNode } from "react";
import { useSendTestImage, useTestDestination, type TestTarget } from "../api/destinations";
import { useMay } from "../api/health";
import { Problem } from "../layout/Problem";
import { texts } from "../texts";

const words = texts.destinations.test;

interface TestButtonsProps {
  target: TestTarget;
  /** Whether images can be sent to it. */
  takesImages: boolean;
}

/** Try a connection, or send a made-up image; each tells the result and how long it took. */
export function TestButtons({ target, takesImages }: TestButtonsProps) {
  const test = useTestDestination();
  const image = useSendTestImage();
  const attempts = [
    { run: test, words, icon: <IconPlugConnected size={18} aria-hidden /> },
    ...(takesImages ? [{ run: image, words: words.image, icon: <IconPhotoUp size={18} aria-hidden /> }] : []),
  ];
  return (
    <Group align="start" gap="xl">
      {attempts.map((attempt) => (
        <Attempt key={attempt.words.action} target={target} {...attempt} />
      ))}
    </Group>
  );
}

interface AttemptProps {
  target: TestTarget;
  run: ReturnType<typeof useTestDestination>;
  words: Pick<typeof words, "action" | "hint" | "ok" | "failed">;
  icon: ReactNode;
}

function Attempt({ target, run, words, icon }: AttemptProps) {
  const mayTest = useMay("draft" in target ? "edit" : "operate");
  const told = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Not behind the bar at the foot of the form.
    if (run.data || run.isError) told.current?.scrollIntoView({ block: "nearest" });
  }, [run.data, run.isError]);
  return (
    <Stack gap="xs" maw="24rem">
      <Button
        variant="light"
        w="fit-content"
        leftSection={icon}
        loading={run.isPending}
        disabled={!mayTest}
        onClick={() => run.mutate(target)}
      >
        {words.action}
      </Button>
      <Text size="xs" c="dimmed">
        {words.hint}
      </Text>
      <div aria-live="polite" ref={told}>
        {run.isError ? <Problem error={run.error} /> : null}
        {run.data ? (
          <Alert
            color={run.data.ok ? "green" : "red"}
            icon={run.data.ok ? <IconCheck aria-hidden /> : <IconX aria-hidden />}
            title={run.data.ok ? words.ok(Math.round(run.data.milliseconds).toLocaleString()) : words.failed}
          >
            {run.data.detail}
          </Alert>
        ) : null}
      </div>
    </Stack>
  );
}
