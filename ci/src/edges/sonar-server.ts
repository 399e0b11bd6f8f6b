import { dag, type CacheVolume, type Container, type Service as DaggerService } from "@dagger.io/dagger"
import type { SonarConfig } from "../core/config/sonar.js"
import { fnv1a } from "../core/report/fingerprint.js"
import { poll, SonarTrouble, type PollPorts } from "../core/sonar/poll.js"
import {
  analysisExcludes, analysisKey, lookAtServer, PASSED_FILE, SERVER_STATES, SONARQUBE_ENVIRONMENT, SONARQUBE_INSTANCE, SONARQUBE_LOG, SONARQUBE_PORT, SONARQUBE_SCRIPT, startTrouble, unchangedSince, VOLUME_FOLDER, waitForVolume,
  type PassedAnalysis,
} from "../core/sonar/server.js"
import { nextNonce, runCommand, uncached } from "./exec.js"
import { containerOf } from "./image-container.js"
import type { Run } from "./run.js"
import { isUp, type SonarAccess } from "./sonar-api.js"

export const SONARQUBE_ALIAS = "sonarqube"
const NAME = "the SonarQube of this run"
export const PORTS: PollPorts = { now: () => Date.now(), pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)) }

/** The embedded server of a run, once it is up; or the analysis that makes it unnecessary. */
export type EmbeddedSonar = { readonly unchanged: PassedAnalysis } | RunningSonar

export interface RunningSonar {
  readonly unchanged: null
  readonly access: SonarAccess
  readonly service: DaggerService
  readonly key: string
  /** From its start until it was up, without the time for another run. */
  readonly startSeconds: number
  /** How long another run had the volume. */
  readonly waitedSeconds: number
}

const started = new WeakMap<Run, Promise<EmbeddedSonar>>()

/** Starts the server once a run, beside the stages that it does not need; everybody who asks gets the same one. */
export function embeddedSonar(run: Run, config: SonarConfig, limitSeconds: number): Promise<EmbeddedSonar> {
  const under = started.get(run) ?? startEmbedded(run, config, limitSeconds)
  started.set(run, under)
  // What failed is tried again by the next who asks.
  under.catch(() => started.delete(run))
  return under
}

async function startEmbedded(run: Run, config: SonarConfig, limitSeconds: number): Promise<EmbeddedSonar> {
  const { checkout } = run
  const images = ["sonarqube", "sonar-scanner"].map((key) => checkout.image(key))
  const sources = await checkout.source.filter({ exclude: [...analysisExcludes(checkout.config)] }).digest()
  const key = analysisKey(checkout.config, { sources, images })
  const unchanged = unchangedSince(await readVolume(run, PASSED_FILE), key)
  if (unchanged !== null) return { unchanged }
  const asked = Date.now()
  const image = serverContainer(run)
  let waitedSeconds = 0
  for (;;) {
    // Only what is taken is waited for: to look takes a second by itself.
    if (await isTaken(run, image)) {
      await waitForTheVolume(run, image, limitSeconds - (Date.now() - asked) / 1000)
      waitedSeconds = (Date.now() - asked) / 1000
    }
    const begun = Date.now()
    const instance = nextNonce(run.header.runId)
    const service = image
      .withEnvVariable(SONARQUBE_INSTANCE, instance)
      .withExposedPort(SONARQUBE_PORT, { experimentalSkipHealthcheck: true })
      .asService({ args: ["sh", "-eu", "-c", SONARQUBE_SCRIPT] })
    await service.start()
    const access: SonarAccess = { url: `http://${await service.hostname()}:${SONARQUBE_PORT}`, account: "admin:admin", name: NAME }
    const end = await untilUp(run, image, access, instance, config.startSeconds).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
    if (end === "up") return { unchanged: null, access, service, key, startSeconds: (Date.now() - begun) / 1000, waitedSeconds }
    await service.stop({ kill: true }).catch(() => undefined) // one that has ended cannot be stopped, and its end is told below
    if (end === "too late") continue // another run was quicker
    const log = await readVolume(run, SONARQUBE_LOG)
    throw new SonarTrouble(`${NAME}${end === "ended" ? " ended before it was up" : `: ${end.message}`}; its log: ${startTrouble(log)}`, log)
  }
}

/** Of another version's image another one: an embedded database cannot be taken along. */
const volumeOf = ({ checkout }: Run): CacheVolume => dag.cacheVolume(`delivery-sonarqube-${checkout.config.project}-${fnv1a(checkout.image("sonarqube"))}`)

function serverContainer(run: Run): Container {
  const container = containerOf(run.checkout.image("sonarqube")).withMountedCache(VOLUME_FOLDER, volumeOf(run), { owner: "1000" })
  return Object.entries(SONARQUBE_ENVIRONMENT).reduce((each, [name, value]) => each.withEnvVariable(name, value), container)
}

type ServerEnd = "up" | "ended" | "too late"

/** How its start came out; throws at the limit. */
async function untilUp(run: Run, image: Container, access: SonarAccess, instance: string, limitSeconds: number): Promise<ServerEnd> {
  let silences = 0
  const ask = async (): Promise<ServerEnd | null> => {
    try {
      return (await isUp(access)) === null ? null : "up"
    } catch (error) {
      silences += 1
      // To look costs a container, so not at every silence.
      if (silences % 5 !== 0) throw error
      const state = await inVolume(run, image, lookAtServer(instance), 0)
      if (state === SERVER_STATES.runs) throw error
      return state === SERVER_STATES.tooLate ? "too late" : "ended"
    }
  }
  return poll(ask, { what: "its start", seconds: limitSeconds, setting: "sonar.startSeconds in delivery.yaml", silences: null }, PORTS)
}

async function isTaken(run: Run, image: Container): Promise<boolean> {
  return (await inVolume(run, image, waitForVolume(0), 0)) !== 0
}

async function waitForTheVolume(run: Run, image: Container, limitSeconds: number): Promise<void> {
  const seconds = Math.max(1, Math.round(limitSeconds))
  if ((await inVolume(run, image, waitForVolume(seconds), seconds)) !== 0) throw new SonarTrouble(`another run has had SonarQube's data for ${seconds} s; only one can use it at a time`)
}

/** The exit code of a command beside the server, on its volume. */
async function inVolume(run: Run, image: Container, argv: readonly string[], seconds: number): Promise<number> {
  const { exitCode } = await runCommand(uncached(image.withoutEntrypoint().withUser("0"), nextNonce(run.header.runId)), argv, { runId: run.header.runId, timeoutSeconds: seconds + 60 })
  return exitCode
}

/** A file of the volume; empty when there is none. By way of a file, for a log on stdout would be shown. */
export async function readVolume(run: Run, path: string): Promise<string> {
  const script = `if [ -f "$1" ]; then cp "$1" /read; else : >/read; fi`
  const reader = containerOf(run.checkout.image("debian")).withMountedCache(VOLUME_FOLDER, volumeOf(run), { owner: "1000" })
  return uncached(reader, nextNonce(run.header.runId)).withExec(["sh", "-euc", script, "read", path]).file("/read").contents()
}

/** Keeps a passed analysis, so that the next run of the same starts no server. */
export async function keepPassed(run: Run, passed: PassedAnalysis): Promise<void> {
  const writer = containerOf(run.checkout.image("debian")).withMountedCache(VOLUME_FOLDER, volumeOf(run), { owner: "1000" }).withNewFile("/passed.json", JSON.stringify(passed))
  await uncached(writer, nextNonce(run.header.runId)).withExec(["sh", "-euc", `cp /passed.json ${PASSED_FILE}.unfinished && mv ${PASSED_FILE}.unfinished ${PASSED_FILE}`]).sync()
}
