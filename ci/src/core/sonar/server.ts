import type { Config } from "../config/model.js"

/** The embedded server: where its volume is mounted, and its port. */
export const VOLUME_FOLDER = "/delivery/sonarqube"
export const SONARQUBE_PORT = 9000
const LOCK = `${VOLUME_FOLDER}/lock`
export const SONARQUBE_LOG = `${VOLUME_FOLDER}/server.log`
export const PASSED_FILE = `${VOLUME_FOLDER}/passed.json`

const JAVA = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"

/** Settings of the embedded server, as SonarQube reads them from its environment. */
export const SONARQUBE_ENVIRONMENT: Readonly<Record<string, string>> = {
  SONAR_PATH_DATA: `${VOLUME_FOLDER}/data`,
  // One analysis at a time on two cores: what helps long-running servers only delays the start.
  SONAR_WEB_JAVAADDITIONALOPTS: JAVA,
  SONAR_CE_JAVAADDITIONALOPTS: JAVA,
  // Memory maps would need a kernel setting (vm.max_map_count) that containers cannot change.
  // A disk that others have filled to nine tenths has room enough for this index, and the server would end without a word of it.
  SONAR_SEARCH_JAVAADDITIONALOPTS: "-Dnode.store.allow_mmap=false -Dcluster.routing.allocation.disk.threshold_enabled=false -XX:TieredStopAtLevel=1",
  SONAR_TELEMETRY_ENABLE: "false",
  SONAR_UPDATECENTER_ACTIVATE: "false",
}

/** The variable that tells one server from the others of its volume. */
export const SONARQUBE_INSTANCE = "DELIVERY_SONARQUBE"
const TOO_LATE = `${VOLUME_FOLDER}/too-late-`

/**
 * Starts the server with the volume's lock in its hands: the kernel lets go of it when the last of its processes has ended, however.
 * A server that finds the lock taken says so and ends; the container ends with it, and who waits for the server cannot see why.
 */
export const SONARQUBE_SCRIPT = `umask 022
exec 9<${LOCK}
flock --nonblock 9 || { : >"${TOO_LATE}$${SONARQUBE_INSTANCE}"; exit 0; }
mkdir -p ${VOLUME_FOLDER}/data
exec /opt/sonarqube/docker/entrypoint.sh >${SONARQUBE_LOG} 2>&1
`

/** Waits until nobody has the volume; the lock is there then, for a server that runs as another user. */
export const waitForVolume = (seconds: number): readonly string[] => ["sh", "-euc", `touch ${LOCK} && exec flock --wait "$1" ${LOCK} true`, "wait", String(seconds)]

/** The exit codes of `lookAtServer`. */
export const SERVER_STATES = { runs: 0, ended: 70, tooLate: 75 } as const

/** Looks whether a server still has the volume, never had it, or has ended. */
export const lookAtServer = (instance: string): readonly string[] => [
  "sh", "-euc", `if [ -e "${TOO_LATE}$1" ]; then rm -f "${TOO_LATE}$1"; exit ${SERVER_STATES.tooLate}; fi
if flock --nonblock ${LOCK} true; then exit ${SERVER_STATES.ended}; fi`, "look", instance,
]

/** What a verdict was given on, kept in the volume. */
export interface PassedAnalysis {
  readonly key: string
  readonly runId: string
  readonly reason: string
}

/**
 * What an analysis depends on, as one text: sources, limits, tests and images. Coverage is not there by itself: it follows from the
 * sources and the way they are tested.
 */
export function analysisKey(config: Config, facts: { readonly sources: string; readonly images: readonly string[] }): string {
  const { sonar, services } = config
  const tested = Object.values(services).map(({ name, path, recipe, tests, buildImage }) => ({ name, path, recipe, tests, buildImage }))
  return JSON.stringify({ format: 1, ...facts, sonar, tested })
}

/** The last passed analysis if it was of the same; what is not readable counts as none. */
export function unchangedSince(text: string, key: string): PassedAnalysis | null {
  try {
    const passed = JSON.parse(text) as Partial<PassedAnalysis> | null
    return passed?.key === key && typeof passed.reason === "string" && typeof passed.runId === "string" ? (passed as PassedAnalysis) : null
  } catch {
    return null
  }
}

/** What neither is analysed nor tested with the services, so that a change of it starts no server. */
export function analysisExcludes({ chart, perf, terraform }: Pick<Config, "chart" | "perf" | "terraform">): readonly string[] {
  return ["**/*.md", ...[chart?.path, perf?.path, terraform?.path].flatMap((path) => (path === undefined ? [] : [path]))]
}

/** What of a server's log tells why it did not start. */
export function startTrouble(log: string): string {
  const lines = log.split("\n").filter((line) => !/^\s+at /.test(line))
  const error = lines.findLast((line) => /\bERROR\b/.test(line))
  const cause = lines.findLast((line) => /^\s*Caused by:/.test(line))
  const told = [error, cause].flatMap((line) => line?.trim().slice(0, 200) ?? []).join(" ")
  return told || (lines.findLast((line) => line.trim() !== "")?.trim().slice(0, 300) ?? "it left no log")
}
