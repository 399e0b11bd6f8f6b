import { readFileSync } from "node:fs"
import { ciFiles, type CiFile } from "../src/core/ci-files/ci-files.js"
import { planCi, type CiPlan } from "../src/core/ci-files/ci-plan.js"
import { parseConfig, readYaml } from "../src/core/config/config.js"

/** The plan of this repository's own CI systems. */
export async function ownCiPlan(): Promise<CiPlan> {
  return (await read()).plan
}

/** The files of this repository's own CI systems, as `ci-generate` would write them. */
export async function ownCiFiles(): Promise<readonly CiFile[]> {
  const { plan, systems } = await read()
  return ciFiles(plan, systems)
}

async function read() {
  const text = readFileSync(new URL("../../delivery.yaml", import.meta.url), "utf8")
  const config = await parseConfig(text, "delivery.yaml")
  return { plan: planCi(config, (await readYaml(text, "delivery.yaml")).data), systems: config.ci.systems }
}
