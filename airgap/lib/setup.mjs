// From a bare machine to a running engine. Each step is finished or not there: a kill at any point costs that step alone.
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createContext } from "./context.mjs"
import { ensureHostPackages, installedFile } from "./debian.mjs"
import { startEngine, stopEngine } from "./engine.mjs"
import { ensureEnginePrograms, ensureSdkContent } from "./engine-content.mjs"
import { buildGo } from "./go-build.mjs"
import { ensureImage, imagePlan } from "./images.mjs"
import { files, readReady } from "./keeper-state.mjs"
import { withLock } from "./lock.mjs"
import { cacheDirectory, paths, recipeKey } from "./paths.mjs"
import { checkRequirements } from "./requirements.mjs"
import { ensureRootfs } from "./rootfs.mjs"
import { prove } from "./proof.mjs"
import { step } from "./steps.mjs"

const hostPackages = ["mmdebstrap", "skopeo", "umoci"]
const setupLock = join(cacheDirectory, "setup.lock")

/** What the first call of a pipeline needs; the other images are built in the background meanwhile. */
export async function ensureKit(say) {
  if (readReady()?.key === recipeKey()) return
  await withLock(setupLock, say, async () => {
    if (readReady()?.key !== recipeKey()) await buildEngine(say)
  })
  await startEngine(say)
}

/** Everything, in the foreground, and the proof that it works. */
export async function setUp(say) {
  await ensureKit(say)
  const context = createContext({ log: (line) => say(line) })
  for (const { name } of imagePlan(context)) {
    writeFileSync(files.lastUsed, "")
    await step(`image ${name}`, () => ensureImage({ ...context, log: () => {} }, name))
  }
  await prove(say)
}

async function buildEngine(say) {
  checkRequirements()
  const context = createContext({ log: () => {} })
  say(`setting up below ${cacheDirectory}; the full log is ${join(paths.log, "kit.log")}`)
  await step("Debian packages on this machine", () => ensureHostPackages(context.run, hostPackages))
  await step("root file system of the engine", () => ensureRootfs(context.run))
  const programs = await step("Dagger engine and CLI from Go modules (5 minutes the first time)", () => ensureEnginePrograms(context))
  await step("TypeScript SDK", () => ensureSdkContent(context))
  mkdirSync(paths.bin, { recursive: true })
  rmSync(join(paths.bin, "dagger"), { force: true })
  symlinkSync(join(programs, "dagger"), join(paths.bin, "dagger"))
}

/** Takes away everything that the kit has made on this machine. */
export async function removeKit(say) {
  const { clusterDown } = await import("./cluster.mjs")
  await clusterDown(say)
  await stopEngine(say)
  const installed = existsSync(installedFile) ? readFileSync(installedFile, "utf8").trim().split("\n") : []
  const { run } = createContext({ log: say })
  if (installed.length > 0) await step(`removing Debian packages ${installed.join(", ")}`, () => run(["apt-get", "purge", "-q", "-y", ...installed]))
  await step(`removing ${cacheDirectory}`, async () => rmSync(cacheDirectory, { recursive: true, force: true }))
}
