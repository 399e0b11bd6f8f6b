import { dag, type Container } from "@dagger.io/dagger"
import type { Command } from "../core/config/commands.js"
import type { ServiceConfig } from "../core/config/services.js"
import { START_SCRIPT } from "../core/gates/start-script.js"
import { runCommand, type ExecResult } from "./exec.js"
import type { Run } from "./run.js"

const TOOLS = "/delivery/tools"
const SCRIPT = "/delivery/start"
/** On top of the service's own limit, for the check around it. */
const GRACE_SECONDS_OF_CHECK = 30

// The service's image may have no bash and another libc, so bash comes from Debian's image with the loader and libraries that it was built for.
const WITH_BASH = `for loader in ${TOOLS}/usr/lib/*/ld-linux*.so.?; do :; done
exec "$loader" --library-path "\${loader%/*}" ${TOOLS}/usr/bin/bash ${SCRIPT} "$@"`

/**
 * Starts the service in its built container until it answers, all in one exec: its log, its end and the limit are then ours.
 * What comes back names the service's command; its stdout is the service's log, its stderr the check's report.
 */
export async function startOnce(run: Run, service: ServiceConfig, built: Container, argv: Command): Promise<ExecResult> {
  let container = built
    .withMountedDirectory(TOOLS, dag.container().from(run.checkout.image("debian")).rootfs())
    .withNewFile(SCRIPT, START_SCRIPT)
    .withEnvVariable("PORT", String(service.port))
  for (const [name, value] of Object.entries(service.env)) container = container.withEnvVariable(name, value)
  const check = ["sh", "-c", WITH_BASH, "start", String(service.port), service.health, String(service.startSeconds), ...argv]
  const checked = await runCommand(container, check, { runId: run.header.runId, timeoutSeconds: service.startSeconds + GRACE_SECONDS_OF_CHECK })
  return { ...checked, argv }
}
