import type { Command } from "../config/commands.js"
import { stepsScript } from "../steps/script.js"
import type { Step } from "../steps/step.js"

/** How the commands of a sandbox were kept from the network, best first. */
export const ISOLATION_WAYS = ["network-none", "namespace", "open"] as const
export type IsolationWay = (typeof ISOLATION_WAYS)[number]

/** The folder of a sandbox's files with what its commands see, and where they see it, read-only; and the folder they leave their files in. */
export const INPUT_FOLDER = "input"
export const SANDBOX_INPUT = "/delivery/input"
export const SANDBOX_OUTPUT = "/delivery/output"
/** For what they need on the way; nothing of it is kept. */
export const SANDBOX_WORK = "/delivery/work"
/** A working directory without files: scanners take configuration from theirs. */
const SANDBOX_CWD = "/delivery/empty"

/** In the output: how the steps ended, and the network that they had. */
export const SANDBOX_ENDINGS = "steps"
export const SANDBOX_NETWORK = "network"

/**
 * A script that runs all steps, also after a failed one. It first writes down the network that it has, for what was asked for need not
 * be what was given. What the steps say is kept in a file: nobody is shown the output of a build.
 */
export function sandboxScript(steps: readonly Step[], timeoutSeconds: number): string {
  return stepsScript([steps], { endings: `${SANDBOX_OUTPUT}/${SANDBOX_ENDINGS}`, shown: false, timeoutSeconds, before: BEFORE_STEPS, after: `rm -rf ${SANDBOX_WORK}` })
}

const BEFORE_STEPS = `mkdir -p ${SANDBOX_WORK} ${SANDBOX_CWD}
cd ${SANDBOX_CWD} || exit 1
cat /proc/net/dev >${SANDBOX_OUTPUT}/${SANDBOX_NETWORK}`

/**
 * A Dockerfile whose RUN has no network and sees the input read-only. What stands for update-ca-certificates does nothing: an engine with
 * certificate authorities of its own runs that before and after every RUN, for seconds, and nobody needs them without a network.
 */
export function sandboxDockerfile(image: string): string {
  return `FROM ${image}
USER 0
COPY ${NOTHING_FILE} /usr/sbin/update-ca-certificates
RUN --network=none --mount=type=bind,source=${INPUT_FOLDER},target=${SANDBOX_INPUT},readonly ["/bin/sh", "${SANDBOX_INPUT}/run"]
`
}

/** A program that does nothing, for the Dockerfile. */
export const NOTHING_FILE = "nothing"
export const NOTHING_PROGRAM = "#!/bin/sh\n"

/** What starts the script in a user and network namespace of its own, where the engine's container lets it. */
export const NAMESPACE_COMMAND: Command = ["unshare", "-r", "-n", "/bin/sh", `${SANDBOX_INPUT}/run`]
export const OPEN_COMMAND: Command = ["/bin/sh", `${SANDBOX_INPUT}/run`]

/** Network interfaces beside the loopback, from /proc/net/dev; null when that is not what the text is. */
export function interfacesOf(procNetDev: string): readonly string[] | null {
  const names = procNetDev.split("\n").slice(2).flatMap((line) => /^\s*([^\s:]+):/.exec(line)?.[1] ?? [])
  return /^Inter-\|/.test(procNetDev) && names.includes("lo") ? names.filter((name) => name !== "lo") : null
}
