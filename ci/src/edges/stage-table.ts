import type { StageName } from "../core/stage.js"
import type { StageWork } from "./run.js"
import { audit } from "./stages/audit.js"
import { build } from "./stages/build.js"
import { chartsCheck } from "./stages/charts-check.js"
import { deploy } from "./stages/deploy.js"
import { deployPlan } from "./stages/deploy-plan.js"
import { lint } from "./stages/lint.js"
import { lintFiles } from "./stages/lint-files.js"
import { packageImage } from "./stages/package.js"
import { moveTraffic } from "./stages/move-traffic.js"
import { notify } from "./stages/notify.js"
import { perf } from "./stages/perf.js"
import { push } from "./stages/push.js"
import { sast } from "./stages/sast.js"
import { scanChartImages } from "./stages/scan-chart-images.js"
import { scanFiles } from "./stages/scan-files.js"
import { scanImages } from "./stages/scan-images.js"
import { sign } from "./stages/sign.js"
import { smoke } from "./stages/smoke.js"
import { sonar } from "./stages/sonar.js"
import { test } from "./stages/test.js"

/** The work of every stage: one line registers one. */
export const STAGE_WORK: Readonly<Record<StageName, StageWork>> = {
  lint,
  "lint-files": lintFiles,
  "charts-check": chartsCheck,
  audit,
  "scan-files": scanFiles,
  sast,
  build,
  test,
  sonar,
  package: packageImage,
  "scan-images": scanImages,
  "scan-chart-images": scanChartImages,
  sign,
  push,
  "deploy-plan": deployPlan,
  deploy,
  canary: moveTraffic,
  switch: moveTraffic,
  smoke,
  perf,
  notify,
}
