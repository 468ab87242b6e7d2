// SPDX-License-Identifier: GPL-3.0-or-later
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { RouterProvider } from "react-router";
import { createQueryClient } from "./api/queryClient";
import { surroundingScheme } from "./embedding/surroundings";
import { NowProvider } from "./layout/NowProvider";
import { createRoutes } from "./routes";
import { cssVariables, theme } from "./theme";

export function App() {
  const [queryClient] = useState(createQueryClient);
  const [router] = useState(createRoutes);
  const scheme = surroundingScheme();
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      {...(scheme ? { forceColorScheme: scheme } : {})}
    >
      <Notifications position="bottom-right" />
      <QueryClientProvider client={queryClient}>
        <NowProvider>
          <RouterProvider router={router} />
        </NowProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
