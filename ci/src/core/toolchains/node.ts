import type { Toolchain } from "./toolchain.js"

export const NODE_TOOLCHAIN: Toolchain = {
  imageKey: "node",
  env: { CI: "true", NO_COLOR: "1", npm_config_update_notifier: "false" },
  caches: [{ name: "npm", mountPath: "/root/.npm" }],
  manifestFiles: ["package.json", "package-lock.json", ".npmrc"],
  commands: () => ({
    // No install scripts: a dependency must not run code where the sources are.
    install: [["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]],
    lint: [["npm", "run", "lint"]],
    build: [["npm", "run", "build"]],
    test: [["npm", "test"]],
    audit: [["npm", "audit", "--json"]],
  }),
  artifacts: ["dist"],
}
