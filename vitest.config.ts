import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "native/**/*.test.ts", "scripts/**/*.test.ts"],
    // Without it, Realm's packages make Electron's loader try a download in every plain Node process.
    env: { ELECTRON_OVERRIDE_DIST_PATH: "not-used" },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
