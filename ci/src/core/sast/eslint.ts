import { readEslint } from "../gates/sast/eslint-report.js"
import { SANDBOX_OUTPUT } from "../scan/sandbox.js"
import { codeStep, REPORT_FILE, type SourceAnalyser } from "./analyser.js"

/** ESLint with security rules of its own choice: neither the service's configuration nor its comments count. */
export const ESLINT: SourceAnalyser = {
  name: "ESLint",
  toolchain: "node",
  languages: "JavaScript or TypeScript",
  files: ["**/*.js", "**/*.mjs", "**/*.cjs", "**/*.jsx", "**/*.ts", "**/*.mts", "**/*.cts", "**/*.tsx"],
  imageKey: "node",
  lockFolder: "sast-node",
  lockFiles: ["package.json", "package-lock.json", "eslint.config.mjs"],
  cacheFolder: "/root/.npm",
  install: [["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]],
  steps: [codeStep("analysis", `node ../tools/node_modules/eslint/bin/eslint.js -c ../tools/eslint.config.mjs --no-inline-config --no-warn-ignored --format json --output-file ${SANDBOX_OUTPUT}/${REPORT_FILE} .`)],
  planted: { path: "planted.js", text: "eval(location.hash)\n", rule: "no-eval" },
  read: readEslint,
}
