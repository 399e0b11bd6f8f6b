import type { RunRecord, StageResult } from "../run.js"

/** Stages whose findings are about places in files. */
const STAGES_ABOUT_FILES: readonly string[] = ["lint", "lint-files", "audit", "sast", "scan-files", "scan-images", "scan-chart-images"]

/** The rows that have looked at files; their findings go to those who show them beside the code. */
export function stagesAboutFiles(run: RunRecord): readonly StageResult[] {
  return run.stages.filter(({ stage, verdict }) => STAGES_ABOUT_FILES.includes(stage) && verdict !== "skipped")
}

/** `lint-backend`, as in `logs/lint-backend.log`. */
export function stageFileName({ stage, service, environment }: Pick<StageResult, "stage" | "service" | "environment">): string {
  const about = service ?? environment
  return about === null ? stage : `${stage}-${about}`
}
