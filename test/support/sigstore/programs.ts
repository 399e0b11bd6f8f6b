import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { goCommand, goEnvironment } from "../../../airgap/lib/go-build.mjs"
import { cacheDirectory } from "../../../airgap/lib/paths.mjs"

/** What a Sigstore consists of, each with the package of its server. */
const PACKAGES = {
  fulcio: "github.com/sigstore/fulcio",
  tesseract: "github.com/transparency-dev/tesseract/cmd/tesseract/posix",
  "timestamp-authority": "github.com/sigstore/timestamp-authority/v2/cmd/timestamp-server",
  rekor: "github.com/sigstore/rekor-tiles/v2/cmd/rekor-server/posix",
} as const

export type SigstoreProgram = keyof typeof PACKAGES

/** The server's program, built once for each state of its go.mod and kept beside the kit's; the first one takes minutes. */
export function sigstoreProgram(name: SigstoreProgram): string {
  const module = join(import.meta.dirname, name)
  const key = createHash("sha256").update(readFileSync(join(module, "go.mod"))).update(readFileSync(join(module, "go.sum"))).digest("hex").slice(0, 16)
  const target = join(cacheDirectory, "go", `sigstore-${name}-${key}`)
  const program = join(target, name)
  if (existsSync(program)) return program
  const unfinished = `${target}.${process.pid}`
  mkdirSync(unfinished, { recursive: true })
  try {
    const [go = "", ...argv] = goCommand({ programs: [{ package: PACKAGES[name] }] }, unfinished)
    execFileSync(go, argv.map((part) => (part === `${unfinished}/` ? join(unfinished, name) : part)), { cwd: module, env: { ...process.env, ...goEnvironment({ goExperiment: "" }) }, stdio: ["ignore", "inherit", "inherit"] })
    renameSync(unfinished, target)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  return program
}
