import { shellWord } from "../shell-word.js"
import type { Step } from "./step.js"

/** The variable with the limit of all steps together, where the script does not say it; no part of a cache key. */
export const LIMIT_VARIABLE = "DELIVERY_TIMEOUT_SECONDS"
/** The variable with the run's id, which the endings repeat: another one than the own means that they are an earlier run's. */
export const RAN_BY_VARIABLE = "DELIVERY_RUN_ID"

export interface StepsScript {
  /** The file that the script leaves the endings in. */
  readonly endings: string
  /** Whether what the steps say is the script's own output, as it comes, or stands in the endings alone. */
  readonly shown: boolean
  /** Of all steps together; without it the variable says it. */
  readonly timeoutSeconds?: number
  /** How many lists run beside each other. */
  readonly lanes?: number
  /** Shell code before the first step and after the last one. */
  readonly before?: string
  readonly after?: string
}

const TITLE_LENGTH = 120

/**
 * A POSIX shell script that runs steps, those of one list one after another, and leaves of each how it ended, when, and, unless shown,
 * what it said. Shown steps are told apart in the output by lines with a word that no tool can know. Needs `timeout` and Linux' /proc.
 */
export function stepsScript(lists: readonly (readonly Step[])[], { endings, shown, timeoutSeconds, lanes = 1, before = "", after = "" }: StepsScript): string {
  const inLanes = Array.from({ length: Math.max(1, Math.min(lanes, lists.length)) }, (_, lane) => lists.filter((_list, index) => index % lanes === lane))
  const isAlone = inLanes.length === 1
  const lines = inLanes.map((listsOfLane, lane) => {
    const own = `ends=${shellWord(isAlone ? endings : `${endings}.${lane}`)}`
    return [`{\n${own}`, ...listsOfLane.map((steps) => listLines(steps, shown)), isAlone ? "}" : "} &"].join("\n")
  })
  return `#!/bin/sh
set -u
limit=${timeoutSeconds ?? `\${${LIMIT_VARIABLE}:?}`}
read -r mark </proc/sys/kernel/random/uuid
read -r start _ </proc/uptime
mkdir -p ${shellWord(endings.replace(/[^/]*$/, "") || ".")}
echo "$mark $(date +%s) \${${RAN_BY_VARIABLE}:-}" >${shellWord(endings)}
${before}
${shown ? SHOWN_STEPS : KEPT_STEPS}${STEP}${lines.join("\n")}
${isAlone ? "" : `wait\ncat ${inLanes.map((_, lane) => shellWord(`${endings}.${lane}`)).join(" ")} >>${shellWord(endings)}\n`}rm -f ${shellWord(endings)}.*
${after}
exit 0
`
}

/** In a shell of its own, so that what is left out is the rest of this list alone. */
function listLines(steps: readonly Step[], shown: boolean): string {
  return ["(", ":", ...steps.map((step, index) => stepLine(step, shown && steps.length > 1 ? `${index + 1}/${steps.length}` : "")), ")"].join("\n")
}

function stepLine({ name, argv, runs = argv, folder = "", timeoutSeconds = 0, stdoutFile = "", needed = false }: Step, place: string): string {
  const title = place === "" ? "" : argv.join(" ").replace(/\s+/g, " ").slice(0, TITLE_LENGTH)
  return `step ${[name, place, title, folder, String(timeoutSeconds), stdoutFile, ...runs].map(shellWord).join(" ")}${needed ? " || exit 0" : ""}`
}

// In a process group of its own, as GNU's timeout makes one: what a command leaves running ends with it, as it does with a container.
const STEP = `step() {
  name=$1 place=$2 title=$3 folder=$4 own=$5 file=$6
  shift 6
  read -r began _ </proc/uptime
  left=$((limit + \${start%.*} - \${began%.*}))
  if [ "$own" -gt 0 ] && [ "$own" -lt "$left" ]; then left=$own; fi
  if [ "$left" -lt 1 ]; then left=1; fi
  : >"$ends.group"
  say "$@"
  { read -r group <"$ends.group" && kill -s KILL -- "-$group"; } 2>/dev/null
  read -r ended _ </proc/uptime
  # That of BusyBox ends as what it stopped.
  if [ "$code" = 143 ] && [ $((\${ended%.*} - \${began%.*})) -ge "$left" ]; then code=124; fi
  tell
  return "$code"
}
limited() {
  if [ "$folder" != "" ]; then cd "$folder" || exit; fi
  exec sh -c 'echo $$ >"$1"; shift; exec timeout -k 10 "$@"' sh "$ends.group" "$left" "$@"
}
`

const SHOWN_STEPS = `say() {
  if [ "$place" != "" ]; then
    printf '\\n[%s %s] %s\\n' "\${mark%%-*}" "$place" "$title"
    printf '\\n[%s %s]\\n' "\${mark%%-*}" "$place" >&2
  fi
  if [ "$file" = "" ]; then (limited "$@"); else (limited "$@") >"$file"; fi
  code=$?
}
tell() { printf '\\n%s %s %s %s %s\\n' "$mark" "$name" "$code" "$began" "$ended" >>"$ends"; }
`

const KEPT_STEPS = `say() {
  : >"$ends.stdout"
  (limited "$@") >"\${file:-$ends.stdout}" 2>"$ends.stderr"
  code=$?
}
tell() {
  {
    printf '\\n%s %s %s %s %s\\n' "$mark" "$name" "$code" "$began" "$ended"
    cat "$ends.stdout"
    printf '\\n%s\\n' "$mark"
    cat "$ends.stderr"
  } >>"$ends"
}
`
