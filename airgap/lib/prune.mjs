// Removes what no recipe of today needs: old kits, programs, SDKs, root file systems.
import { existsSync, readdirSync, rmSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { clusterRoots } from "./cluster.mjs"
import { createContext } from "./context.mjs"
import { ensureSdkContent } from "./engine-content.mjs"
import { goFolder } from "./go-build.mjs"
import { cacheDirectory, kitDirectory, paths, recipeKey } from "./paths.mjs"
import { loadRecipe } from "./recipe.mjs"
import { rootfsDirectory } from "./rootfs.mjs"

export async function prune(say) {
  const context = createContext({ log: say })
  const recipe = loadRecipe(kitDirectory)
  const sdk = await ensureSdkContent(context)
  const wanted = new Set([
    join(paths.kits, recipeKey()),
    rootfsDirectory(),
    ...clusterRoots(),
    sdk.directory,
    ...Object.keys(recipe.builds).map((folder) => goFolder(context, recipe, folder)),
  ])
  for (const folder of [paths.kits, paths.rootfs, dirname(sdk.directory), join(cacheDirectory, "go")]) {
    for (const entry of existsSync(folder) ? readdirSync(folder) : []) {
      const path = join(folder, entry)
      if (wanted.has(path)) continue
      rmSync(path, { recursive: true, force: true })
      say(`removed ${basename(folder)}/${entry}`)
    }
  }
}
