// Builds the Go programs of the kit from its wrapper modules, each module once for each state of its recipe.
import { mkdir, rename, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { withLock } from './lock.mjs'
import { folderOf, loadRecipe } from './recipe.mjs'

const runningBuilds = new Map()
let queue = Promise.resolve()

/**
 * @param {{cacheDir: string, run: Function, log: Function, rootDir?: string}} context
 * @param {string} outputName a program's `output` in go/builds.yaml
 * @returns {Promise<string>} the absolute path of the program
 */
export async function buildGo(context, outputName) {
  const recipe = loadRecipe(context.rootDir)
  const folder = folderOf(recipe.builds, outputName)
  const target = goFolder(context, recipe, folder)
  if (!existsSync(target)) {
    if (!runningBuilds.has(target)) {
      const build = enqueue(() => withLock(join(context.cacheDir, 'locks', basename(target)), context.log, () => buildModule(context, recipe, folder, target)))
      runningBuilds.set(target, build.finally(() => runningBuilds.delete(target)))
    }
    await runningBuilds.get(target)
  }
  return join(target, outputName)
}

export function goFolder(context, recipe, folder) {
  return join(context.cacheDir, 'go', `${folder}-${recipe.goKey(folder).slice(0, 16)}`)
}

/** `go build` uses all cores by itself: two at once would only need twice the memory. */
function enqueue(build) {
  const result = queue.then(build)
  queue = result.catch(() => {})
  return result
}

async function buildModule(context, recipe, folder, target) {
  if (existsSync(target)) return
  const { programs } = recipe.builds[folder]
  const started = Date.now()
  const unfinished = `${target}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true })
  context.log(`building ${programs.map((program) => program.output).join(', ')} from airgap/go/${folder}`)
  await context.run(goCommand(recipe.builds[folder], unfinished), {
    cwd: join(recipe.rootDir, 'go', folder),
    env: { ...process.env, ...goEnvironment(recipe.builds[folder]) },
    logFile: join(context.cacheDir, 'logs', `go-${folder}.log`),
  })
  for (const program of programs) {
    const made = defaultName(program.package)
    if (made !== program.output) await rename(join(unfinished, made), join(unfinished, program.output))
  }
  await rename(unfinished, target)
  context.log(`built airgap/go/${folder} in ${Math.round((Date.now() - started) / 1000)} s`)
}

export function goEnvironment({ goExperiment }) {
  return { CGO_ENABLED: '0', GOWORK: 'off', ...(goExperiment ? { GOEXPERIMENT: goExperiment } : {}) }
}

export function goCommand({ ldflags = '', programs }, outputFolder) {
  return [
    'go', 'build', '-trimpath', '-buildvcs=false', '-ldflags', `-s -w ${ldflags}`.trim(),
    '-o', `${outputFolder}/`, ...programs.map((program) => program.package),
  ]
}

/** The name that `go build` gives a program: the last part of its path that is no major version. */
export function defaultName(packagePath) {
  const parts = packagePath.split('/')
  return parts.findLast((part) => !/^v\d+$/.test(part))
}
