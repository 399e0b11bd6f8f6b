import { InternalError } from "../../core/errors.js"
import { helperNames, imageRepository } from "../../core/release.js"
import { packageChartImages } from "../chart-images.js"
import { scanStagedImages } from "../image-scan.js"
import type { StageWork } from "../run.js"

/** The same for the images that the chart needs besides the services': they reach the same clusters. */
export const scanChartImages: StageWork = async (run, planned, attempt) => {
  const { config } = run.checkout
  await packageChartImages(run)
  const images = helperNames(config).map((name) => {
    const digest = run.packaged.get(name)?.digest
    if (digest === undefined) throw new InternalError(`the chart's image ${name} was published, and nobody knows its digest`)
    return { name, repository: imageRepository(config, name), digest, dockerfile: null }
  })
  return scanStagedImages(run, planned, attempt, images)
}
