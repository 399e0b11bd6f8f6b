import { ESLINT } from "./eslint.js"
import { RUFF_SECURITY } from "./ruff.js"
import type { SourceAnalyser } from "./analyser.js"

/** Every analyser: one line registers one. */
const ANALYSERS: readonly SourceAnalyser[] = [ESLINT, RUFF_SECURITY]

/** The analyser of a toolchain's services; null when there is none. */
export function analyserOf(toolchain: string): SourceAnalyser | null {
  return ANALYSERS.find((analyser) => analyser.toolchain === toolchain) ?? null
}
