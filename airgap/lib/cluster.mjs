import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { isAlive } from "./keeper-state.mjs"
import { paths } from "./paths.mjs"

const pidFile = join(paths.cluster, "pid")

export const clusterIsUp = () => existsSync(pidFile) && isAlive(Number(readFileSync(pidFile, "utf8")))
