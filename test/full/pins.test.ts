// Pins on a real engine, asked of a real registry: the mirror of the kit, here as one that hands on what publishers have.
import { createHash } from "node:crypto"
import { expect, it } from "vitest"
import { mirrorPort } from "../../airgap/lib/mirror.mjs"
import { wires } from "../../airgap/lib/network.mjs"
import { call, closingLine, daggerw, ROOT } from "../support/daggerw.js"
import { runCommand } from "../support/command.js"
import { helloTree } from "../support/fixture.js"
import { newRun } from "../support/runs.js"
import type { Tree } from "../support/trees.js"

const REGISTRY = `http://${wires.engine.host}:${mirrorPort}`
const asPublisher = (address: string) => ["--images=upstream", `--mirror-url=${address}`]
const OTHER = `sha256:${"0".repeat(64)}`
const PINS = `# Ours.
images:
  debian: {name: debian, tag: bookworm-slim, digest: null, reason: none yet, recipe: official image}
  ghost: {name: no/such, tag: "1", digest: null, reason: none yet, recipe: none}
`

/** A tree whose pins alone are asked about: the module's own would be built by the kit one after another. */
const pinned = (text: string): Tree => helloTree().write("pins.yaml", text)

async function digestInRegistry(name: string, tag: string): Promise<string> {
  const response = await fetch(`${REGISTRY}/v2/${name}/manifests/${tag}`, { headers: { accept: "application/vnd.oci.image.manifest.v1+json" } })
  expect(response.status).toBe(200)
  return `sha256:${createHash("sha256").update(Buffer.from(await response.arrayBuffer())).digest("hex")}`
}
