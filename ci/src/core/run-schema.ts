import type { SchemaNode } from "./config/schema-node.js"
import { SEVERITIES } from "./run.js"
import { SKIP_KINDS, VERDICTS } from "./verdict.js"

const TEXT: SchemaNode = { type: "string" }
const TEXT_OR_NULL: SchemaNode = { type: ["string", "null"] }
const SECONDS: SchemaNode = { type: "number", minimum: 0, description: "Seconds." }

const FINDING = strict("One thing a tool found.", {
  severity: { enum: SEVERITIES },
  rule: TEXT,
  message: TEXT,
  file: TEXT_OR_NULL,
  line: { type: ["integer", "null"], minimum: 1 },
})

const STAGE = strict("One stage of one service, of the release or of one environment.", {
  stage: TEXT,
  service: TEXT_OR_NULL,
  environment: TEXT_OR_NULL,
  verdict: { enum: VERDICTS },
  skipKind: { enum: [...SKIP_KINDS, null], description: "Set exactly when the verdict is skipped." },
  reason: TEXT,
  cached: { type: "boolean", description: "Nothing ran: the result of an earlier run still holds." },
  durationSeconds: SECONDS,
  findings: { type: "array", items: FINDING },
  evidence: { type: "array", items: TEXT, description: "Files beside run.json that prove the verdict." },
})

/** The schema of run.json. */
export function runSchema(): SchemaNode & { readonly $schema: string } {
  const run = strict("The record of a run. Generated from ci/src/core/run-schema.ts: run `npm run generate`.", {
    schemaVersion: { const: 1 },
    runId: TEXT,
    attempt: { type: "integer", minimum: 1 },
    verdict: { enum: VERDICTS.filter((verdict) => verdict !== "skipped") },
    reason: TEXT,
    commit: TEXT,
    dirty: { type: "boolean", description: "The checkout had changes that are not in the commit." },
    release: { ...TEXT_OR_NULL, description: "Commit or digest of the release; null before there is one." },
    environment: { ...TEXT_OR_NULL, description: "Environments joined by commas; null when none is touched." },
    startedAt: { ...TEXT, description: "ISO 8601, UTC." },
    durationSeconds: SECONDS,
    stages: { type: "array", items: STAGE },
  })
  return { $schema: "http://json-schema.org/draft-07/schema#", ...run }
}

function strict(description: string, properties: Readonly<Record<string, SchemaNode>>): SchemaNode {
  return { type: "object", description, required: Object.keys(properties), properties, additionalProperties: false }
}
