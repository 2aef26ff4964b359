import { defineConfig } from "vite";

// The programs that run on plain Node: the sync server, the command-line tools, the Electron stand-in.
export default defineConfig({
  build: {
    target: "node20",
    outDir: "out/node",
    emptyOutDir: true,
    ssr: true,
    minify: false,
    sourcemap: true,
    rollupOptions: {
      input: {
        server: "src/server/cli.ts",
        scenario: "src/cli/scenario.ts",
        client: "src/cli/client.ts",
        backups: "src/cli/backups.ts",
        "realm-auto": "bench/recovery/realm-auto.ts",
        "other-device": "bench/recovery/other-device.ts",
        "reading-device": "bench/recovery/reading-device.ts",
        "fidelity-peer": "bench/fidelity/peer.ts",
        "stand-in": "scripts/stand-in/entry.ts",
      },
      external: ["electron", "realm", "@photostructure/sqlite"],
      output: { format: "cjs", entryFileNames: "[name].cjs", chunkFileNames: "chunks/[name]-[hash].cjs" },
    },
  },
  ssr: { noExternal: true, external: ["electron", "realm", "@photostructure/sqlite"] },
});
