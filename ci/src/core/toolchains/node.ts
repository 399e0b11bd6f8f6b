import { hasFile, joinPath } from "../detect/tree.js"
import type { Toolchain } from "./toolchain.js"

export const NODE_TOOLCHAIN: Toolchain = {
  name: "node",
  factFiles: ["package.json"],
  detect: (tree, path) => hasFile(tree, path, "package.json"),
  recipe: ({ path, tests: { junit, lcov, cobertura } }) =>
    Promise.resolve({
      problems: [],
      recipe: {
        imageKey: "node",
        env: { CI: "true", NO_COLOR: "1", npm_config_update_notifier: "false" },
        caches: [{ name: "npm", mountPath: "/root/.npm" }],
        setup: [],
        root: path,
        manifests: ["package.json", "package-lock.json", ".npmrc"],
        lockProblems: [/can only install packages when your package\.json and package-lock\.json .* are in sync/],
        // No install scripts: a dependency must not run code where the sources are.
        install: [["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]],
        lint: [["npm", "run", "lint"]],
        build: [["npm", "run", "build"]],
        test: [["npm", "test"]],
        audit: [["npm", "audit", "--json"]],
        start: [],
        reports: { junit, lcov, cobertura },
        artifacts: ["dist"],
        auditReport: "npm",
        lockFile: joinPath(path, "package-lock.json"),
        notes: [],
      },
    }),
}
