import { NODE_TOOLCHAIN } from "./node/node.js"
import { PLAIN_TOOLCHAIN } from "./plain.js"
import { PYTHON_TOOLCHAIN } from "./python/toolchain.js"
import type { Toolchain } from "./toolchain.js"

/** Every toolchain: one line registers one. The first that knows a folder takes it. */
export const TOOLCHAINS: readonly Toolchain[] = [NODE_TOOLCHAIN, PYTHON_TOOLCHAIN, PLAIN_TOOLCHAIN]
