import { SEVERITIES, type GateResult } from "../run.js"

/** What was found, one line each, worst first: severity, rule, place and message. */
export function renderFindings({ verdict, reason, findings }: GateResult): string {
  const width = Math.max(...SEVERITIES.map((severity) => severity.length))
  const lines = SEVERITIES.flatMap((severity) =>
    findings
      .filter((finding) => finding.severity === severity)
      .map(({ rule, file, line, message }) => `${severity.padEnd(width)}  ${rule}  ${file ?? "-"}${line === null ? "" : `:${line}`}  ${message.replace(/\s+/g, " ")}`),
  )
  return `${[`${verdict}: ${reason}`, ...lines].join("\n")}\n`
}
