// SPDX-License-Identifier: GPL-3.0-or-later
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { initialLoad } from "./build/initial-load.ts";

/** Where `npm run dev` finds a running Orthanc with the router in it. */
const orthanc = process.env.ORTHANC_URL ?? "http://127.0.0.1:8042";

export default defineConfig({
  // Relative, because the page may be served below any prefix; index.html carries a base tag.
  base: "./",
  plugins: [react(), initialLoad(400)],
  server: {
    proxy: {
      "^/(?!router/app|src/|node_modules/|@|favicon|index.html|$)": orthanc,
    },
  },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      // The script that runs inside Orthanc Explorer 2 is found by its name; it has nothing of the page's code.
      input: { index: "index.html", explorer2: "src/embedding/explorer2.ts" },
      output: {
        entryFileNames: ({ name }) => (name === "explorer2" ? "explorer2.js" : "assets/[name]-[hash].js"),
        // Few files: each is a request through Orthanc. What only one page needs stays with it.
        codeSplitting: {
          groups: [
            // All that the script in Explorer 2 and the page have in common.
            { name: "wanted", test: /src\/embedding\/wanted/ },
            { name: "components", test: /node_modules\/(@mantine\/(core|hooks)|@tabler)\// },
            {
              name: "shared",
              test: /src\/(layout|texts|api|editing|destinations\/users|deliveries\/[A-Z]\w+Badge|rules\/sentence)/,
            },
          ],
        },
      },
    },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/vitest.setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    testTimeout: 20_000,
  },
});
