import { defineConfig } from "vitest/config"

const minutes = (n: number) => n * 60_000

// Engine tests share one engine and two cores: one file at a time, and a limit that only a hang can reach.
const onEngine = { fileParallelism: false, testTimeout: minutes(15), hookTimeout: minutes(15), sequence: { concurrent: false } }

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["ci/test/**/*.test.ts", "airgap/test/**/*.test.ts", "test/unit/**/*.test.ts"], testTimeout: 20_000 } },
      { test: { name: "engine", include: ["test/engine/**/*.test.ts"], ...onEngine } },
      { test: { name: "full", include: ["test/full/**/*.test.ts"], ...onEngine, testTimeout: minutes(60) } },
    ],
  },
})
