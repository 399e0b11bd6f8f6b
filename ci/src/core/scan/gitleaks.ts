import { SANDBOX_INPUT, SANDBOX_OUTPUT } from "./sandbox.js"
import { FOUND_EXIT_CODE, TREE_FOLDER } from "./trivy.js"
import type { Step } from "../steps/step.js"

/** The publisher's rules and nothing else: what the tree itself says of them must not count. */
export const GITLEAKS_CONFIG = "[extend]\nuseDefault = true\n"

/** The tree, the names of its files as the lines of a file, and a file that must be found. */
export const SECRETS_STEP = secretsStep("secrets", "dir", `${SANDBOX_INPUT}/${TREE_FOLDER}`)
export const SECRET_NAMES_STEP = secretsStep("secret-names", "dir", `${SANDBOX_INPUT}/names`)
export const SECRET_CANARY_STEP = secretsStep("secret-canary", "dir", `${SANDBOX_INPUT}/canary-secret`)

/** Looks for secrets in files as they are, or in all that the commits of a repository ever added. */
export function secretsStep(name: string, kind: "dir" | "git", path: string): Step {
  return {
    name,
    argv: [
      "gitleaks", kind, "--no-banner", "--no-color", "--redact=100", "--exit-code", String(FOUND_EXIT_CODE), "--config", `${SANDBOX_INPUT}/gitleaks.toml`,
      // Without these, comments and a file of the tree take findings out.
      "--ignore-gitleaks-allow", "--gitleaks-ignore-path", "/delivery/none",
      "--report-format", "json", "--report-path", `${SANDBOX_OUTPUT}/${name}.json`, path,
    ],
  }
}
