import type { Toolchain } from "./toolchain.js"

/** Knows nothing: delivery.yaml brings every command, and a stage without one is not configured. */
export const PLAIN_TOOLCHAIN: Toolchain = {
  name: "plain",
  factFiles: [],
  detect: () => false,
  recipe: ({ path, tests: { junit, lcov, cobertura } }) =>
    Promise.resolve({
      problems: [],
      recipe: {
        imageKey: "debian",
        env: { CI: "true", NO_COLOR: "1" },
        caches: [],
        setup: [],
        root: path,
        manifests: [],
        lockProblems: [],
        install: [],
        lint: [],
        build: [],
        test: [],
        audit: [],
        start: [],
        reports: { junit, lcov, cobertura },
        artifacts: [],
        auditReport: "exit-code",
        lockFile: null,
        notes: [],
      },
    }),
}
