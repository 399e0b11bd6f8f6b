import type { PackageManager } from "./manager.js"
import { NPM } from "./npm.js"
import { PNPM } from "./pnpm.js"
import { YARN_BERRY } from "./yarn-berry.js"
import { YARN_CLASSIC } from "./yarn-classic.js"

/** Every package manager: one line registers one. The first stands in where nothing tells. */
export const PACKAGE_MANAGERS: readonly PackageManager[] = [NPM, PNPM, YARN_CLASSIC, YARN_BERRY]
