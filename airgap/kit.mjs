// The air-gapped kit: a Dagger engine, an image mirror and a Kubernetes cluster from package registries alone.
// usage: kit.mjs setup [--remove] | ensure | engine start|stop|status | cluster up|down|kubeconfig|status | prune
import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { kitDirectory, paths, recipeKey } from "./lib/paths.mjs"

// Everything but the copying itself runs from the copy, which has its packages.
if (kitDirectory !== join(paths.kits, recipeKey())) {
  const { checkRequirements } = await import("./lib/requirements.mjs")
  const { ensureKitCopy } = await import("./lib/kit-copy.mjs")
  try {
    if (!existsSync(join(paths.kits, recipeKey()))) checkRequirements()
    const copy = await ensureKitCopy()
    execFileSync(process.execPath, [join(copy, "kit.mjs"), ...process.argv.slice(2)], { stdio: "inherit", env: { ...process.env, DELIVERY_CHECKOUT: dirname(kitDirectory) } })
    process.exit(0)
  } catch (error) {
    if (typeof error.status !== "number") process.stderr.write(`[kit] ${error.message}\n`)
    process.exit(error.status ?? 2)
  }
}

const { commands } = await import("./lib/commands.mjs")
const [name = "", ...rest] = process.argv.slice(2)
const command = commands[name]
if (!command) {
  process.stderr.write(`[kit] unknown command "${name}"; known: ${Object.keys(commands).join(", ")}\n`)
  process.exit(2)
}
try {
  await command(rest)
  process.exit(0)
} catch (error) {
  process.stderr.write(`[kit] ${error.message}\n`)
  process.exit(2)
}
