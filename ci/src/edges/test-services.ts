import type { Container, Service as DaggerService } from "@dagger.io/dagger"
import type { Command } from "../core/config/commands.js"
import type { TestService } from "../core/config/tests.js"
import { errorGate } from "../core/gates/gate.js"
import { closedPort, startProblem } from "../core/gates/test-services.js"
import { runCommand, type ExecLimits, type ExecResult } from "./exec.js"
import { containerOf } from "./image-container.js"
import { StageStop, type Run } from "./run.js"

/** A service beside the tests, with what it was made of. */
interface BoundService {
  readonly name: string
  readonly config: TestService
  readonly image: Container
  readonly service: DaggerService
}

/**
 * Services beside the tests, each reachable by its name. `instance` tells this run of the tests from others of
 * the call: of equal services the engine would start one and give it to all, and tests would find each other's data.
 * They end with the last container that uses them, and what they wrote goes with them.
 */
function testServices(run: Run, services: Readonly<Record<string, TestService>>, instance: string): readonly BoundService[] {
  return Object.entries(services).map(([name, config]) => {
    // The engine lets nobody in before the port is open.
    let image = containerOf(run.checkout.image(config.image)).withExposedPort(config.port).withEnvVariable("DELIVERY_INSTANCE", instance)
    for (const [variable, value] of Object.entries(config.env)) image = image.withEnvVariable(variable, value)
    const service = config.command === null ? image.asService() : image.asService({ args: [...config.command], useEntrypoint: true })
    return { name, config, image, service }
  })
}

/** A command of the tests, and what runs beside it. */
interface BesideJob {
  readonly container: Container
  readonly services: Readonly<Record<string, TestService>>
  readonly instance: string
  readonly argv: Command
}

/** Runs a command with services beside it, and breaks it off once one of them has not opened its port in time: for a port the engine waits for ever. */
export async function runBesideServices(run: Run, { container, services, instance, argv }: BesideJob, limits: ExecLimits): Promise<ExecResult> {
  const bound = testServices(run, services, instance)
  const work = runCommand(bound.reduce((each, { name, service }) => each.withServiceBinding(name, service), container), argv, limits)
  const ended = new AbortController()
  const watches = bound.map((service) => watchPort(service, ended.signal))
  try {
    return await Promise.race([work, ...watches])
  } catch (error) {
    const problem = error instanceof Error ? startProblem(error.message, services) : null
    throw problem === null ? error : new Error(problem)
  } finally {
    ended.abort()
    // Of the loser nobody wants to hear any more.
    for (const promise of [work, ...watches]) promise.catch(() => undefined)
  }
}

const ASKED_SECONDS = 5

/** The engine starts a service that is wanted twice once: it answers at once when the service is up, and waits when it is not. */
async function watchPort({ name, config, image, service }: BoundService, ended: AbortSignal): Promise<never> {
  // The pull, which may have to wait for an image to be built, is no part of the start.
  await image.sync().catch(() => undefined)
  await pause(config.startSeconds, ended)
  if (!ended.aborted) {
    // A start that fails is told by the command that needs it.
    const isUp = await Promise.race([service.start().then(() => true, () => true), pause(ASKED_SECONDS, ended).then(() => ended.aborted)])
    if (!isUp) throw new StageStop(errorGate(closedPort(name, config)), "")
    // What was started here does not end with the container that it was for.
    await new Promise<void>((resolve) => (ended.aborted ? resolve() : ended.addEventListener("abort", () => resolve())))
    await service.stop().catch(() => undefined)
  }
  return new Promise<never>(() => undefined)
}

function pause(seconds: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000)
    ended.addEventListener("abort", () => (clearTimeout(timer), resolve()))
  })
}
