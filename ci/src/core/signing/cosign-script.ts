import type { Command } from "../config/commands.js"
import type { ExecOutcome } from "../gates/exec.js"
import { shellWord } from "../shell-word.js"

/** One call of cosign. */
export interface CosignStep {
  readonly name: string
  readonly argv: Command
  /** What it prints is wanted; a component list is half a megabyte that nobody reads. */
  readonly keepsOutput: boolean
}

/** Where the script leaves how its steps ended. */
export const COSIGN_RESULTS = "/delivery/cosign-results"

/**
 * Steps of one list run one after another, for without a referrers API cosign adds a signature by reading, changing and writing one index:
 * at once, one would lose the other's. Lists are of different images and run beside each other, as many as there are lanes.
 */
export function cosignScript(lists: readonly (readonly CosignStep[])[], options: { readonly lanes: number; readonly timeoutSeconds: number }): string {
  const { lanes, timeoutSeconds } = options
  const lines = Array.from({ length: Math.min(lanes, lists.length) }, (_, lane) => lists.filter((_list, index) => index % lanes === lane).flat())
  return `#!/bin/sh
set -u
work=$(mktemp -d)
step() {
  name=$1 kept=$2
  shift 2
  timeout -k 10 ${timeoutSeconds} "$@" >"$work/$name.out" 2>"$work/$name.err"
  code=$?
  [ "$kept" = yes ] || : >"$work/$name.out"
  printf '%s %s %s %s\\n' "$name" "$code" "$(base64 -w0 <"$work/$name.out")." "$(base64 -w0 <"$work/$name.err")." >"$work/$name.line"
}
${lines.map((steps) => `(\n${steps.map(stepLine).join("\n")}\n) &`).join("\n")}
wait
cat "$work"/*.line >${COSIGN_RESULTS}
`
}

const stepLine = ({ name, argv, keepsOutput }: CosignStep): string => `step ${name} ${keepsOutput ? "yes" : "no"} ${argv.map(shellWord).join(" ")}`

/** How each step ended, by its name; a step that left nothing reads as killed. */
export function cosignOutcomes(lists: readonly (readonly CosignStep[])[], results: string, decode: (base64: string) => string): ReadonlyMap<string, ExecOutcome> {
  const lines = new Map(results.split("\n").map((line) => line.split(" ")).map(([name = "", ...rest]) => [name, rest]))
  const text = (part: string | undefined): string => decode((part ?? ".").slice(0, -1))
  return new Map(
    lists.flat().map(({ name, argv }): [string, ExecOutcome] => {
      const [code, out, err] = lines.get(name) ?? []
      return [name, { argv, exitCode: code === undefined ? -1 : Number(code), stdout: text(out), stderr: text(err) }]
    }),
  )
}
