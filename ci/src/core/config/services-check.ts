import { suggestion } from "../nearest.js"
import type { SectionInput, SectionProblem } from "./section.js"

/** What the checks look at; a key that broke the schema is missing. */
interface PortedService {
  readonly name: string
  readonly port?: number
  readonly image?: string
  readonly routes?: readonly string[]
  readonly dependsOn?: readonly string[]
}

/** What no schema can say about services: everything that concerns two of them. */
export function checkServices(input: SectionInput): readonly SectionProblem[] {
  const entries = (input.root["services"] ?? {}) as Readonly<Record<string, Omit<PortedService, "name">>>
  const services = Object.entries(entries).map(([name, service]) => ({ ...service, name }))
  return [
    ...usedTwice(services, "a port", (service) => [[service.port, ["port"]]]),
    ...usedTwice(services, "an image", (service) => [[service.image, ["image"]]]),
    ...usedTwice(services, "a route", ({ routes = [] }) => routes.map((route, index) => [route, ["routes", index]])),
    ...services.flatMap((service) => unknownDependencies(service, input.serviceNames)),
    ...cycles(services),
  ]
}

type Use = readonly [value: string | number | undefined, path: readonly (string | number)[]]

function usedTwice(
  services: readonly PortedService[],
  what: string,
  usesOf: (service: PortedService) => readonly Use[],
): SectionProblem[] {
  const owners = new Map<string | number, string>()
  return services.flatMap((service) =>
    usesOf(service).flatMap(([value, path]) => {
      if (value === undefined) return []
      const owner = owners.get(value)
      if (owner === undefined) {
        owners.set(value, service.name)
        return []
      }
      const got = owner === service.name ? `${value} twice` : `${value}, which \`${owner}\` has too`
      return [problem(service, path, `${what} of its own`, got, `Give \`${service.name}\` another one.`)]
    }),
  )
}

function unknownDependencies(service: PortedService, known: readonly string[]): SectionProblem[] {
  const others = known.filter((name) => name !== service.name)
  return (service.dependsOn ?? []).flatMap((name, index) => {
    if (others.includes(name)) return []
    const got = name === service.name ? "the service itself" : `unknown service \`${name}\``
    return [problem(service, ["dependsOn", index], "the name of another service", got, suggestion(name, others))]
  })
}

/** Each service that can reach itself over others; a start order would not exist. */
function cycles(services: readonly PortedService[]): SectionProblem[] {
  const next = new Map(services.map((service) => [service.name, service.dependsOn ?? []]))
  const reaches = (from: string, to: string, seen: Set<string>): boolean =>
    (next.get(from) ?? []).some((name) => {
      if (name === from || seen.has(name)) return false
      return name === to || reaches(name, to, seen.add(name))
    })
  const inCycle = services.filter((service) => reaches(service.name, service.name, new Set()))
  const first = inCycle[0]
  if (first === undefined) return []
  const names = inCycle.map((service) => `\`${service.name}\``).join(", ")
  return [problem(first, ["dependsOn"], "no circle of dependencies", `a circle through ${names}`, "Remove one of them.")]
}

function problem(
  service: PortedService,
  path: readonly (string | number)[],
  expected: string,
  got: string,
  fix: string,
): SectionProblem {
  return { path: ["services", service.name, ...path], expected, got, fix }
}
