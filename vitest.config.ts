import { defineConfig } from "vitest/config";

/** Tests that start whole clients, servers or browsers: too long for what runs before every commit. */
const stories = [
  "src/cli/**/*.test.ts",
  "bench/fidelity/real-worlds.test.ts",
  "bench/recovery/odd-trees.test.ts",
  "src/main/embedded-server/*.test.ts",
  "scripts/stand-in/{life,page,single-instance}.test.ts",
];

const shared = {
  // Without it, Realm's packages make Electron's loader try a download in every plain Node process.
  env: { ELECTRON_OVERRIDE_DIST_PATH: "not-used" },
  testTimeout: 60_000,
  hookTimeout: 60_000,
  pool: "forks",
  maxWorkers: 2,
} as const;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: "quick",
          include: ["src/**/*.test.ts", "native/**/*.test.ts", "bench/**/*.test.ts", "scripts/**/*.test.ts"],
          exclude: stories,
        },
      },
      { test: { ...shared, name: "stories", include: stories } },
    ],
  },
});
