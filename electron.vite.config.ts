import react from "@vitejs/plugin-react";
import { defineConfig } from "electron-vite";

// Everything but Electron, Realm and the SQLite driver (native modules) is bundled, so that start-up reads few files.
const external = ["electron", "realm", "@photostructure/sqlite"];

export default defineConfig({
  main: {
    build: {
      target: "node20",
      externalizeDeps: false,
      rollupOptions: {
        input: { index: "src/main/index.ts" },
        external,
        output: { format: "cjs", entryFileNames: "[name].cjs", chunkFileNames: "[name]-[hash].cjs" },
      },
    },
  },
  preload: {
    build: {
      target: "node20",
      externalizeDeps: false,
      rollupOptions: {
        input: { index: "src/preload/index.ts" },
        external: ["electron"],
        output: { format: "cjs", entryFileNames: "[name].cjs" },
      },
    },
  },
  renderer: {
    root: "src/renderer",
    build: {
      target: "chrome120",
      outDir: "out/renderer",
      rollupOptions: { input: { index: "src/renderer/index.html" } },
    },
    plugins: [react()],
  },
});
