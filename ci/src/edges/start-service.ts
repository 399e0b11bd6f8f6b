import { dag, type Container } from "@dagger.io/dagger"
import type { Command } from "../core/config/commands.js"
import type { ServiceConfig } from "../core/config/services.js"
import { START_SCRIPT } from "../core/gates/start-script.js"
import type { Step } from "../core/steps/step.js"
import type { Run } from "./run.js"

const TOOLS = "/delivery/tools"
const START_FILE = "/delivery/start"
export const START_STEP = "start"
/** On top of the service's own limit, for the check around it. */
const GRACE_SECONDS_OF_CHECK = 30

// The service's image may have no bash and another libc, so bash comes from Debian's image with the loader and libraries that it was built for.
const WITH_BASH = `for loader in ${TOOLS}/usr/lib/*/ld-linux*.so.?; do :; done
exec "$loader" --library-path "\${loader%/*}" ${TOOLS}/usr/bin/bash ${START_FILE} "$@"`

/** The container with what a start check needs besides the service. */
export function withStartTools(run: Run, container: Container): Container {
  return container.withMountedDirectory(TOOLS, dag.container().from(run.checkout.image("debian")).rootfs()).withNewFile(START_FILE, START_SCRIPT)
}

/**
 * Starts the service until it answers, beside the check and in one process group with it: its log, its end and the limit are then ours.
 * What comes back names the service's command; its stdout is the service's log, its stderr the check's report.
 */
export function startStep(service: ServiceConfig, argv: Command): Step {
  const variables = Object.entries({ PORT: String(service.port), ...service.env }).map(([name, value]) => `${name}=${value}`)
  const check = ["sh", "-c", WITH_BASH, "start", String(service.port), service.health, String(service.startSeconds), ...argv]
  return { name: START_STEP, argv, runs: ["env", ...variables, ...check], timeoutSeconds: service.startSeconds + GRACE_SECONDS_OF_CHECK }
}
