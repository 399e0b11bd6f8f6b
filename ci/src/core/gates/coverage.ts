import { attribute, elements, parseXml } from "./junit-cases.js"

/** Line coverage in percent from whichever report there is; null when neither holds any line. */
export async function coveragePercent(cobertura: string | null, lcov: string | null): Promise<number | null> {
  return (cobertura === null ? null : await coberturaPercent(cobertura)) ?? (lcov === null ? null : lcovPercent(lcov))
}

async function coberturaPercent(text: string): Promise<number | null> {
  const root = elements((await parseXml(text))?.["coverage"])[0]
  if (root === undefined) return null
  const valid = Number(attribute(root, "lines-valid"))
  const covered = Number(attribute(root, "lines-covered"))
  return valid > 0 && Number.isFinite(covered) ? (100 * covered) / valid : null
}

/** LF counts the lines of each file, LH those that were hit. */
function lcovPercent(text: string): number | null {
  const sum = (key: string): number =>
    text
      .split("\n")
      .filter((line) => line.startsWith(`${key}:`))
      .reduce((total, line) => total + (Number(line.slice(key.length + 1)) || 0), 0)
  const found = sum("LF")
  return found > 0 ? (100 * sum("LH")) / found : null
}
