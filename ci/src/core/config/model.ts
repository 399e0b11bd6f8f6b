import type { StageName } from "../stage.js"
import type { AuditConfig } from "./audit.js"
import type { ChartConfig } from "./chart.js"
import { completeCi, type CiConfig, type RawCi } from "./ci.js"
import { completeEnvironments, type EnvironmentConfig, type RawEnvironment } from "./environments.js"
import { completeNotify, type NotifyConfig, type RawNotify } from "./notify.js"
import type { PerfConfig, RawPerf } from "./perf.js"
import type { PoliciesConfig } from "./policies.js"
import { completeRegistry, type RawRegistry, type RegistryConfig } from "./registry.js"
import type { LintConfig } from "./lint.js"
import type { SastConfig } from "./sast.js"
import type { ScanConfig } from "./scan.js"
import { completeService, type RawService, type ServiceConfig } from "./services.js"
import { completeSigning, type RawSigning, type SigningConfig } from "./signing.js"
import { completeSonar, type RawSonar, type SonarConfig } from "./sonar.js"
import type { ServiceFacts } from "../detect/service.js"
import type { SourceLines } from "./source-lines.js"
import { completeStageLimits, type RawStageLimits, type StageLimits } from "./stages.js"
import { completeTerraform, type RawTerraform, type TerraformConfig } from "./terraform.js"

/** delivery.yaml, complete: nothing is missing where a default exists. */
export interface Config {
  readonly version: 1
  readonly project: string
  /** Where the sources are published; null when nobody says. */
  readonly repository: string | null
  /** Null for a product that is only checked and built. */
  readonly chart: ChartConfig | null
  readonly services: Readonly<Record<string, ServiceConfig>>
  readonly registry: RegistryConfig | null
  readonly environments: Readonly<Record<string, EnvironmentConfig>>
  readonly stages: Readonly<Record<StageName, StageLimits>>
  readonly audit: AuditConfig
  readonly lint: LintConfig
  readonly sast: SastConfig
  readonly scan: ScanConfig
  readonly perf: PerfConfig | null
  readonly policies: PoliciesConfig | null
  readonly terraform: TerraformConfig | null
  readonly sonar: SonarConfig | null
  readonly signing: SigningConfig | null
  /** References that replace those of pins.yaml, by key. */
  readonly images: Readonly<Record<string, string>>
  readonly notify: NotifyConfig | null
  readonly ci: CiConfig
  /** The file it was read from and where its keys stand, for later problems. */
  readonly file: string
  readonly lines: SourceLines
}

/** delivery.yaml as the schema's defaults leave it. */
export interface RawConfig {
  readonly version: 1
  readonly project: string
  readonly repository?: string
  readonly chart?: ChartConfig
  readonly services: Readonly<Record<string, RawService>>
  readonly registry?: RawRegistry
  readonly environments: Readonly<Record<string, RawEnvironment>>
  readonly stages: RawStageLimits
  readonly audit: AuditConfig
  readonly lint: LintConfig
  readonly sast: SastConfig
  readonly scan: ScanConfig
  readonly perf?: RawPerf
  readonly policies?: PoliciesConfig
  readonly terraform?: RawTerraform
  readonly sonar?: RawSonar
  readonly signing?: RawSigning
  readonly images: Readonly<Record<string, string>>
  readonly notify?: RawNotify
  readonly ci: RawCi
}

/** Fills what the schema's defaults cannot say. */
export function completeConfig(raw: RawConfig, facts: Readonly<Record<string, ServiceFacts>>, file: string, lines: SourceLines): Config {
  const product = { project: raw.project, deployed: raw.chart !== undefined }
  const services = Object.entries(raw.services).map(([name, service]) => [name, completeService(name, service, facts[name] as ServiceFacts, product)])
  return {
    ...raw,
    repository: raw.repository ?? null,
    chart: raw.chart ?? null,
    services: Object.fromEntries(services) as Config["services"],
    registry: raw.registry === undefined ? null : completeRegistry(raw.registry),
    environments: completeEnvironments(raw.project, raw.environments),
    stages: completeStageLimits(raw.stages),
    perf: raw.perf === undefined ? null : { scenario: null, ...raw.perf },
    policies: raw.policies ?? null,
    terraform: raw.terraform === undefined ? null : completeTerraform(raw.terraform),
    signing: raw.signing === undefined ? null : completeSigning(raw.signing),
    sonar: raw.sonar === undefined ? null : completeSonar(raw.sonar),
    notify: raw.notify === undefined ? null : completeNotify(raw.notify),
    ci: completeCi(raw.ci),
    file,
    lines,
  }
}
