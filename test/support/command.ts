import { spawn, type ChildProcess } from "node:child_process"

/** How a command ended, with everything that it said. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  /** Both, as they came. */
  readonly output: string
}

export interface CommandOptions {
  readonly cwd: string
  /** Added to this process's environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly limitSeconds?: number
}

/** A command that runs; it never outlives its limit, nor do its children. */
export interface RunningCommand {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves when the output holds the text; rejects with the whole output when the command ends before. */
  readonly says: (text: string) => Promise<void>
}

export function startCommand(argv: readonly string[], { cwd, env = {}, limitSeconds = 600 }: CommandOptions): RunningCommand {
  const [program, ...rest] = argv
  // A process group of its own: the limit must end the wrapper's children too.
  const child = spawn(program ?? "", rest, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"], detached: true })
  const said = { stdout: "", stderr: "", output: "" }
  const listeners = new Set<() => void>()
  const listen = (stream: "stdout" | "stderr"): void => {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      said[stream] += text
      said.output += text
      for (const listener of listeners) listener()
    })
  }
  listen("stdout")
  listen("stderr")
  const ended = new Promise<Ended>((resolve, reject) => {
    const limit = setTimeout(() => {
      killGroup(child)
      reject(new Error(`${argv.join(" ")} did not end within ${limitSeconds} s. It said:\n${said.output}`))
    }, limitSeconds * 1000)
    child.on("error", reject)
    child.on("close", (status) => {
      clearTimeout(limit)
      resolve({ status, ...said })
    })
  })
  // Whoever awaits `ended` gets its error; one that nobody awaits must not end the test process.
  ended.catch(() => undefined)
  const says = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (said.output.includes(text)) resolve()
      }
      listeners.add(look)
      look()
      ended.then(({ output }) => reject(new Error(`${argv.join(" ")} ended without saying "${text}". It said:\n${output}`)), reject)
    })
  return { child, ended, says }
}

export function runCommand(argv: readonly string[], options: CommandOptions): Promise<Ended> {
  return startCommand(argv, options).ended
}

/** Kills a command when it has said the text, and waits for its end; the moment of the kill, in milliseconds since the epoch. */
export async function killAt({ child, ended, says }: RunningCommand, text: string): Promise<number> {
  await says(text)
  killGroup(child)
  const killedAt = Date.now()
  await ended.catch(() => undefined) // how a killed command ends says nothing
  return killedAt
}

export const wait = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, "SIGKILL")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error
  }
}
