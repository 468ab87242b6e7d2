// SPDX-License-Identifier: GPL-3.0-or-later
import "@mantine/charts/styles.css";
import { AreaChart } from "@mantine/charts";
import type { TrafficPoint } from "../api/traffic";
import { texts } from "../texts";
import { language } from "../layout/language";

const words = texts.overview.traffic;
const clock = new Intl.DateTimeFormat(language, { timeStyle: "short" });
const number = new Intl.NumberFormat(language);

/** The curve of images per minute; loaded when it is first looked at. */
export function TrafficChart({ points, height }: { points: TrafficPoint[]; height: number }) {
  return (
    <AreaChart
      h={height}
      data={points.map(({ at, received, sent }) => ({ time: clock.format(at), received, sent }))}
      dataKey="time"
      series={[
        { name: "received", label: words.received, color: "cyan.7" },
        { name: "sent", label: words.sent, color: "orange.6" },
      ]}
      curveType="monotone"
      // A single point makes no line.
      withDots={points.length === 1}
      withLegend
      tickLine="none"
      fillOpacity={0.12}
      valueFormatter={(value) => number.format(value)}
      areaProps={{ isAnimationActive: false }}
      xAxisProps={{ minTickGap: 60 }}
      yAxisProps={{ allowDecimals: false, width: 44 }}
    />
  );
}
