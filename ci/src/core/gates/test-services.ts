import type { TestService } from "../config/tests.js"

/** What the engine says of a container that ended before its port was open. */
const NOT_STARTED = /\(aliased as ([^)]+)\): ([^[\n]*)/

/** A service beside the tests that runs and is not to be reached. */
export function closedPort(name: string, { image, port, startSeconds }: TestService): string {
  return `tests.services.${name} (${image}) did not open port ${port} within ${startSeconds} s; its log stands above. \`port\`, \`command\` and \`startSeconds\` of delivery.yaml say what is waited for`
}

/** The service beside the tests that an error of the engine is about, in our words; null when it is about something else. */
export function startProblem(message: string, services: Readonly<Record<string, TestService>>): string | null {
  const [, name = "", cause = ""] = NOT_STARTED.exec(message) ?? []
  const service = services[name]
  if (service === undefined) return null
  return `tests.services.${name} (${service.image}) did not come to open port ${service.port}: ${cause.trim()}; its log stands above`
}
