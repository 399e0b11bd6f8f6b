import type { Toolchain } from "./toolchain.js"

/** Knows nothing: delivery.yaml brings every command, and a stage without one is not configured. */
export const PLAIN_TOOLCHAIN: Toolchain = {
  imageKey: "debian",
  env: { CI: "true", NO_COLOR: "1" },
  caches: [],
  manifestFiles: [],
  commands: () => ({ install: [], lint: [], build: [], test: [], audit: [] }),
  artifacts: [],
}
