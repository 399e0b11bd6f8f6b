import { unavailableGate } from "../../core/gates/gate.js"
import { scanStagedImages } from "../image-scan.js"
import { serviceOf, type StageWork } from "../run.js"

/** Looks for vulnerable packages and secrets in the image that was packaged, and lists what it is made of. */
export const scanImages: StageWork = async (run, planned, attempt) => {
  const { name, image, dockerfile } = serviceOf(run, planned)
  const packaged = run.packaged.get(name)
  if (packaged === undefined) return { gate: unavailableGate("there is no image of it in this run: package was left out") }
  return scanStagedImages(run, planned, attempt, [{ name, repository: image, digest: packaged.digest, dockerfile }])
}
