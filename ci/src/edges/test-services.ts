import type { Container } from "@dagger.io/dagger"
import type { TestService } from "../core/config/tests.js"
import { containerOf } from "./image-container.js"
import type { Run } from "./run.js"

/**
 * The container with services beside it, each reachable by its name. `instance` tells this run of the tests from others of
 * the call: of equal services the engine would start one and give it to all, and tests would find each other's data.
 * They end with the last container that uses them, and what they wrote goes with them.
 */
export function withTestServices(run: Run, container: Container, services: Readonly<Record<string, TestService>>, instance: string): Container {
  return Object.entries(services).reduce((bound, [name, service]) => bound.withServiceBinding(name, testService(run, service, instance)), container)
}

/** The engine lets nobody in before the port is open. */
function testService(run: Run, { image, port, env, command }: TestService, instance: string) {
  let container = containerOf(run.checkout.image(image)).withExposedPort(port).withEnvVariable("DELIVERY_INSTANCE", instance)
  for (const [name, value] of Object.entries(env)) container = container.withEnvVariable(name, value)
  return command === null ? container.asService() : container.asService({ args: [...command], useEntrypoint: true })
}
