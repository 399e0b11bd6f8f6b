import type { Step } from "../steps/step.js"
import { planPolicyCommand } from "./check-steps.js"
import type { TerraformFolder } from "./layout.js"
import { TERRAFORM_PLACES } from "./places.js"

const { tree, plans } = TERRAFORM_PLACES

/** Where a plan lies, as tofu keeps it and as JSON. The latter never leaves the container: it holds secrets in clear. */
export const PLAN_FILE = `${plans}/saved.tfplan`
export const PLAN_JSON = `${plans}/saved.json`
export const PASSPHRASE_VARIABLE = "DELIVERY_PLAN_PASSPHRASE"

const INPUT = ["-input=false", "-no-color"]
// Somebody else's apply takes minutes; whoever waits longer than this is told who holds the lock.
const WAIT_FOR_LOCK = "-lock-timeout=60s"

const initStep = (folder: string, locked: boolean): Step => ({ name: "init", argv: ["tofu", "init", ...INPUT, ...(locked ? ["-lockfile=readonly"] : [])], folder, needed: true })

/** Plans for real, against the state and the account, and has the policies judge the plan. */
export function planSteps({ name, folder }: TerraformFolder, locked: boolean): readonly Step[] {
  const at = `${tree}/${folder}`
  return [
    initStep(at, locked),
    // 2 says that there is something to do, so the shell makes it a success.
    { name: "plan", argv: ["tofu", "plan", ...INPUT, WAIT_FOR_LOCK, "-detailed-exitcode", `-out=${PLAN_FILE}`], runs: ["sh", "-c", 'tofu "$@"; status=$?; [ "$status" = 2 ] || exit "$status"', "sh", "plan", ...INPUT, WAIT_FOR_LOCK, "-detailed-exitcode", `-out=${PLAN_FILE}`], folder: at, needed: true },
    { name: "show", argv: ["tofu", "show", "-json", PLAN_FILE], folder: at, stdoutFile: PLAN_JSON, needed: true },
    { name: "digest", argv: ["sha256sum", PLAN_FILE], needed: true },
    { name: "policy", argv: planPolicyCommand(name, PLAN_JSON) },
  ]
}

export function applySteps({ folder }: TerraformFolder, locked: boolean): readonly Step[] {
  const at = `${tree}/${folder}`
  return [initStep(at, locked), { name: "apply", argv: ["tofu", "apply", ...INPUT, WAIT_FOR_LOCK, PLAN_FILE], folder: at }]
}

/** Compares the world with what was applied last; takes no lock, for it writes nothing. */
export function driftSteps({ folder }: TerraformFolder, locked: boolean): readonly Step[] {
  const at = `${tree}/${folder}`
  return [
    initStep(at, locked),
    { name: "plan", argv: ["tofu", "plan", "-refresh-only", ...INPUT, "-lock=false", `-out=${PLAN_FILE}`], folder: at, needed: true },
    { name: "show", argv: ["tofu", "show", "-json", PLAN_FILE], folder: at, stdoutFile: PLAN_JSON, needed: true },
  ]
}

// tofu refuses to write a plan in clear then, and to read one.
export const ENCRYPTION = `export TF_ENCRYPTION='key_provider "pbkdf2" "plans" {
  passphrase = "'"$${PASSPHRASE_VARIABLE}"'"
}
method "aes_gcm" "plans" {
  keys = key_provider.pbkdf2.plans
}
plan {
  method   = method.aes_gcm.plans
  enforced = true
}'`
