import type { Command } from "../config/commands.js"
import type { ExecOutcome } from "../gates/exec.js"
import { shellWord } from "../shell-word.js"

/** One command of a sandbox; its name becomes that of the files with what it said. */
export interface SandboxStep {
  readonly name: string
  readonly argv: Command
  /** A file that takes its stdout instead. */
  readonly stdoutFile?: string
}

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

/**
 * A script that runs all steps, also after a failed one, and keeps of each the exit code and what it said. It first writes down
 * the network that it has, for what was asked for need not be what was given.
 */
export function sandboxScript(steps: readonly SandboxStep[], timeoutSeconds: number): string {
  const lines = steps.map(({ name, argv, stdoutFile }) => `step ${shellWord(name)} ${shellWord(stdoutFile ?? `${SANDBOX_OUTPUT}/${name}.stdout`)} ${argv.map(shellWord).join(" ")}`)
  return `#!/bin/sh
set -u
mkdir -p ${SANDBOX_OUTPUT} ${SANDBOX_WORK} ${SANDBOX_CWD}
cd ${SANDBOX_CWD} || exit 1
cat /proc/net/dev >${SANDBOX_OUTPUT}/network
date +%s >${SANDBOX_OUTPUT}/ran-at
step() {
  name=$1 stdout=$2
  shift 2
  read -r began _ </proc/uptime
  timeout -k 10 ${timeoutSeconds} "$@" >"$stdout" 2>"${SANDBOX_OUTPUT}/$name.stderr"
  echo $? >"${SANDBOX_OUTPUT}/$name.exit"
  read -r ended _ </proc/uptime
  echo "$name $began $ended" >>${SANDBOX_OUTPUT}/times
}
${lines.join("\n")}
rm -rf ${SANDBOX_WORK}
`
}

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

/** `canary 0.2 s, files 4.1 s`, from what the script wrote down; seconds since the machine's start are those that every shell can read. */
export function describeTimes(times: string): string {
  return times.split("\n").flatMap((line) => {
    const [name, began, ended] = line.split(" ")
    return ended === undefined ? [] : [`${name} ${(Number(ended) - Number(began)).toFixed(1)} s`]
  }).join(", ")
}

/** What a sandbox told of one of its steps. */
export function stepOutcome(step: SandboxStep, files: { readonly exit: string | null; readonly stdout: string; readonly stderr: string }): ExecOutcome {
  // Without an exit code the step was never run to its end: as killed by a signal.
  const exitCode = /^\d+\n?$/.test(files.exit ?? "") ? Number(files.exit) : -1
  return { argv: step.argv, exitCode, stdout: files.stdout, stderr: files.stderr }
}
