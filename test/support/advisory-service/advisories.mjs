// What is known of a version, from one data file: every endpoint answers from here.
import { readFileSync } from "node:fs"

const advisories = JSON.parse(readFileSync(new URL("advisories.json", import.meta.url), "utf8"))

/** `1.10.0` after `1.9.3`; of a pre-release only the numbers count. */
function compareVersions(left, right) {
  const numbers = (version) => version.split(/[.+-]/).map((part) => Number.parseInt(part, 10) || 0)
  const [a, b] = [numbers(left), numbers(right)]
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

export function advisoriesFor(ecosystem, name, version) {
  return advisories.filter((advisory) => advisory.ecosystem === ecosystem && advisory.package === name && isAffected(advisory, version))
}

const isAffected = ({ introduced, fixed }, version) => compareVersions(introduced, version) <= 0 && compareVersions(version, fixed) < 0

export const vulnerableRange = ({ introduced, fixed }) => (introduced === "0" ? `<${fixed}` : `>=${introduced} <${fixed}`)

export const advisoryUrl = ({ id }) => `https://github.com/advisories/${id}`
