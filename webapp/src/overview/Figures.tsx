// SPDX-License-Identifier: GPL-3.0-or-later
import { Anchor, Paper, SimpleGrid, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Health } from "../api/healthDocuments";
import { lengthOfTime } from "../layout/times";
import { texts } from "../texts";
import classes from "./Figures.module.css";

const words = texts.overview.figures;

/** The four numbers that tell how it is going. */
export function Figures({ health }: { health: Health }) {
  const { intake, deliveries = {} } = health;
  const lag = intake?.lag_changes ?? 0;
  const open =
    (deliveries.waiting ?? 0) +
    (deliveries.running ?? 0) +
    (deliveries.retrying ?? 0) +
    (deliveries.held ?? 0);
  const failed = deliveries.failed ?? 0;
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }}>
      <Figure
        label={words.lag}
        value={lag}
        hint={lag === 0 ? words.lagNone : words.lagSeconds(lengthOfTime(intake?.lag_seconds ?? 0))}
      />
      <Figure
        label={words.open}
        value={open}
        hint={words.openHint}
        to="/deliveries?state=waiting&state=running&state=retrying&state=held"
      />
      <Figure
        label={words.failed}
        value={failed}
        hint={failed > 0 ? words.failedHint : words.failedNone}
        to="/deliveries?state=failed"
        color={failed > 0 ? "var(--mantine-color-error)" : undefined}
      />
      <Figure
        label={words.succeeded}
        value={deliveries.succeeded ?? 0}
        hint={words.succeededHint}
        to="/deliveries?state=succeeded"
      />
    </SimpleGrid>
  );
}

interface FigureProps {
  label: string;
  value: number;
  hint: ReactNode;
  to?: string;
  color?: string | undefined;
}

function Figure({ label, value, hint, to, color }: FigureProps) {
  return (
    <Paper withBorder p="md" className={to ? classes.linked : undefined}>
      <Text size="sm" c="dimmed">
        {to ? (
          <Anchor component={Link} to={to} className={classes.link}>
            {label}
          </Anchor>
        ) : (
          label
        )}
      </Text>
      <Text size="1.8rem" fw={650} lh={1.2} c={color}>
        {value.toLocaleString()}
      </Text>
      <Text size="xs" c="dimmed">
        {hint}
      </Text>
    </Paper>
  );
}
