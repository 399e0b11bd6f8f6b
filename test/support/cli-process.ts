import { execFileSync } from "node:child_process"

/** The Dagger CLI that a daggerw of ours has started. */
export function cliBelow(pid: number | undefined): number {
  const processes = execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" })
    .split("\n")
    .map((line) => /^ *(\d+) +(\d+) +(.*)$/.exec(line))
    .map((match) => ({ pid: Number(match?.[1]), parent: Number(match?.[2]), command: match?.[3] ?? "" }))
  const descendants = [pid]
  for (const parent of descendants) descendants.push(...processes.filter((each) => each.parent === parent).map((each) => each.pid))
  const cli = processes.find((each) => descendants.includes(each.pid) && /(^|\/)dagger[^/]*$/.test(each.command) && !each.command.endsWith("daggerw"))
  if (cli === undefined) throw new Error(`no dagger below process ${pid}: ${JSON.stringify(processes.filter((each) => descendants.includes(each.pid)))}`)
  return cli.pid
}
