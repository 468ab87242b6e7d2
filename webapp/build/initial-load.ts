// SPDX-License-Identifier: GPL-3.0-or-later
import { gzipSync } from "node:zlib";
import type { Plugin, Rolldown } from "vite";

/**
 * Prints what a first visit loads (the entry, what it imports at once, and their styles),
 * gzipped, and fails the build above `limit` kilobytes.
 */
export function initialLoad(limit: number): Plugin {
  return {
    name: "initial-load",
    apply: "build",
    generateBundle(_options, bundle) {
      const files = new Set<string>();
      const visit = (name: string): void => {
        const chunk = bundle[name];
        if (chunk?.type !== "chunk" || files.has(name)) return;
        files.add(name);
        for (const style of stylesOf(chunk)) files.add(style);
        chunk.imports.forEach(visit);
      };
      for (const [name, chunk] of Object.entries(bundle)) {
        if (chunk.type === "chunk" && chunk.isEntry) visit(name);
      }
      let bytes = 0;
      for (const name of files) {
        const file = bundle[name];
        if (file) bytes += gzipSync(file.type === "chunk" ? file.code : file.source).length;
      }
      const kilobytes = bytes / 1000;
      const summary = `initial load: ${kilobytes.toFixed(0)} kB gzipped in ${files.size} files (limit ${limit} kB)`;
      if (kilobytes > limit) this.error(summary);
      console.log(summary);
    },
  };
}

function stylesOf(chunk: Rolldown.OutputChunk): Set<string> {
  return (chunk as { viteMetadata?: { importedCss: Set<string> } }).viteMetadata?.importedCss ?? new Set();
}
