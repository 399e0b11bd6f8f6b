import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { removeAfterTests } from "./cleanup.js"
import { runCommand, type Ended } from "./command.js"
import { ROOT } from "./daggerw.js"

/** A home without engine and CLI, where daggerw meets only the programs that a test puts there. */
export interface Sandbox {
  readonly path: string
  readonly cache: string
  /** Puts a program before all others of its name. */
  readonly program: (name: string, script: string) => Sandbox
  readonly daggerw: (argv: readonly string[], env?: Readonly<Record<string, string | undefined>>, cwd?: string, program?: string) => Promise<Ended>
}

export function newSandbox(): Sandbox {
  const path = mkdtempSync(join(tmpdir(), "delivery-sandbox-"))
  removeAfterTests(path)
  const cache = join(path, "cache")
  const nothingAnswers = { docker: "exit 1", podman: "exit 1", dagger: "echo dagger v0.0.1" }
  const sandbox: Sandbox = {
    path,
    cache,
    program: (name, script) => {
      writeProgram(join(path, "bin", name), script)
      return sandbox
    },
    daggerw: (argv, env = {}, cwd = ROOT, program = join(ROOT, "daggerw")) =>
      runCommand([program, ...argv], {
        cwd,
        env: {
          HOME: path,
          XDG_RUNTIME_DIR: path,
          DELIVERY_CACHE: cache,
          // Without it a docker command that has no socket is not even asked.
          DOCKER_HOST: "unix:///no/such/docker.sock",
          _EXPERIMENTAL_DAGGER_RUNNER_HOST: undefined,
          PATH: `${join(path, "bin")}:${process.env["PATH"]}`,
          ...env,
        },
        limitSeconds: 20,
      }),
  }
  for (const [name, script] of Object.entries(nothingAnswers)) sandbox.program(name, script)
  return sandbox
}

export function writeProgram(path: string, script: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
}

/** A CLI in the cache that writes down what it was called with, and then says and ends as a test wants. */
export interface Recorder {
  readonly calls: () => readonly string[]
  /** The file that the last call got with --changes. */
  readonly changes: () => string
  readonly call: (argv: readonly string[], ending: { status: number; says?: string; reportStatus?: number }, env?: Readonly<Record<string, string | undefined>>, cwd?: string, program?: string) => Promise<Ended>
}

export function recorder(sandbox: Sandbox, version: string): Recorder {
  const record = join(sandbox.path, "calls")
  const script = `echo "$*" >>'${record}'
for argument; do case $argument in --changes=*) cp "\${argument#*=}" '${record}.changes' ;; esac; done
case "$*" in *" report -o "*) exit "$REPORT_STATUS" ;; esac
printf '%s\\n' "$SAYS"
exit "$STATUS"`
  writeProgram(join(sandbox.cache, "bin", `dagger-${version}`), script)
  return {
    calls: () => (existsSync(record) ? readFileSync(record, "utf8").trimEnd().split("\n") : []),
    changes: () => readFileSync(`${record}.changes`, "utf8"),
    call: (argv, { status, says = "", reportStatus = 0 }, env = {}, cwd = ROOT, program) => {
      rmSync(record, { force: true })
      const ending = { STATUS: String(status), SAYS: says, REPORT_STATUS: String(reportStatus) }
      return sandbox.daggerw(["call", ...argv], { _EXPERIMENTAL_DAGGER_RUNNER_HOST: "unix:///no/engine", ...ending, ...env }, cwd, program)
    },
  }
}
