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
      output: {
        // Few files: each is a request through Orthanc. What only one page needs stays with it.
        codeSplitting: {
          groups: [
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
