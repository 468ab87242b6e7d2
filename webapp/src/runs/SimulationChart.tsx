// SPDX-License-Identifier: GPL-3.0-or-later
import "@mantine/charts/styles.css";
import { BarChart } from "@mantine/charts";
import type { RunDestination } from "../api/runs";
import type { ChartHour } from "./simulatedHours";
import { language } from "../layout/language";

const colors = ["cyan.7", "orange.6", "grape.6", "lime.7", "pink.6", "indigo.5", "yellow.7", "teal.7"];
const hour = new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", hour: "numeric" });
const day = new Intl.DateTimeFormat(language, { month: "short", day: "numeric" });
const number = new Intl.NumberFormat(language);

export interface SimulationChartProps {
  bars: ChartHour[];
  /** A bar stands for a day, not for an hour. */
  byDay: boolean;
  destinations: RunDestination[];
  height: number;
}

/** A bar for each destination, hour by hour or day by day; loaded when it is first looked at. */
export function SimulationChart({ bars, byDay, destinations, height }: SimulationChartProps) {
  return (
    <BarChart
      h={height}
      data={bars.map((bar) => ({ ...bar, at: (byDay ? day : hour).format(new Date(bar.at)) }))}
      dataKey="at"
      series={destinations.map(({ id, name }, index) => ({
        name: id,
        label: name,
        color: colors[index % colors.length] ?? "cyan.7",
      }))}
      withLegend
      tickLine="none"
      valueFormatter={(value) => number.format(value)}
      barProps={{ isAnimationActive: false }}
      xAxisProps={{ minTickGap: 60 }}
      yAxisProps={{ allowDecimals: false, width: 44 }}
    />
  );
}
