type Json = Record<string, unknown>
interface Amounts { readonly requests: Record<string, string>; readonly limits: Record<string, string> }
interface Autoscaling { enabled: boolean; minReplicas: number; maxReplicas: number }
interface ServiceValues { routes?: string[]; dependsOn?: string[]; env?: Json; canary?: { env: Json }; secretEnv?: Json; resources?: Amounts; autoscaling?: Autoscaling; live?: string }
interface TrackValues { enabled: boolean; services: Record<string, ServiceValues> }
/** What of the values of charts/docuthinker depends on something else among them. */
export interface ChartValues {
  services?: Record<string, ServiceValues>
  gateway?: { enabled: boolean }
  ingress?: { enabled: boolean }
  tracks?: { enabled: boolean; router: string; switch: { resources: Amounts } } & Record<"canary" | "blue" | "green", TrackValues>
  databases?: Record<string, { bundled: boolean; resources: Amounts }>
  backup?: { enabled: boolean; secretEnv: Json; resources: Amounts }
  progressDeadlineSeconds?: number
  minReadySeconds?: number
  terminationGracePeriodSeconds?: number
  lifecycle?: { preStop: { sleep: { seconds: number } } }
}

const NAMED_BY_THE_CHART = /_URL$|^(PORT|SERVICE_VERSION)$/

/** The values with what no JSON schema can say set right: a request below its limit, a route of one service alone. */
export function settled(values: ChartValues, defaults: Required<Pick<ChartValues, "services">>): ChartValues {
  const own = structuredClone(values)
  const services = own.services ?? {}
  const names = [...new Set([...Object.keys(defaults.services), ...Object.keys(services)])]
  const taken = new Set(Object.entries(defaults.services).flatMap(([name, { routes = [] }]) => (services[name]?.routes === undefined ? routes : [])))
  for (const [name, service] of Object.entries(services)) {
    const others = defaults.services[name]
    if (service.routes !== undefined) service.routes = service.routes.filter((route) => !taken.has(route) && taken.add(route))
    settleService(service, others ?? {}, names)
    service.live = "stable"
  }
  if (own.ingress?.enabled === true && own.gateway?.enabled !== false) own.ingress.enabled = false
  settleTracks(own, names, defaults)
  for (const { resources } of [...Object.values(own.databases ?? {}), ...(own.backup === undefined ? [] : [own.backup])]) settleAmounts(resources)
  if (own.backup !== undefined && Object.keys(own.backup.secretEnv).length === 0) own.backup.enabled = false
  own.progressDeadlineSeconds = Math.max(own.progressDeadlineSeconds ?? 120, (own.minReadySeconds ?? 5) + 1)
  own.terminationGracePeriodSeconds = Math.max(own.terminationGracePeriodSeconds ?? 30, (own.lifecycle?.preStop.sleep.seconds ?? 5) + 1)
  return own
}

function settleService(service: ServiceValues, others: ServiceValues, names: readonly string[]): void {
  if (service.dependsOn !== undefined) service.dependsOn = names.slice(0, service.dependsOn.length)
  const set = { ...(service.env ?? others.env), ...(service.canary ?? others.canary)?.env }
  const secretEnv = service.secretEnv ?? others.secretEnv
  if (secretEnv !== undefined) service.secretEnv = without(secretEnv, (key) => NAMED_BY_THE_CHART.test(key) || key in set)
  if (service.resources !== undefined) settleAmounts(service.resources)
  if (service.autoscaling !== undefined) {
    const { minReplicas, maxReplicas } = service.autoscaling
    service.autoscaling = { ...service.autoscaling, minReplicas: Math.min(minReplicas, maxReplicas), maxReplicas: Math.max(minReplicas, maxReplicas) }
  }
}

/** Tracks of services that there are, behind what carries their weights; a colour that has a service is live for it. */
function settleTracks(own: ChartValues, names: readonly string[], defaults: Required<Pick<ChartValues, "services">>): void {
  if (own.tracks === undefined) return
  if (own.tracks.router === "gateway" && own.gateway?.enabled === false) own.tracks.enabled = false
  if (own.tracks.router === "nginx" && own.ingress?.enabled !== true) own.tracks.enabled = false
  settleAmounts(own.tracks.switch.resources)
  for (const track of ["canary", "blue", "green"] as const) {
    const given = own.tracks[track]
    if (!own.tracks.enabled) given.enabled = false
    // By place: names that a schema makes are nobody's.
    given.services = Object.fromEntries(Object.values(given.services).slice(0, names.length).map((service, index) => [names[index] ?? "", service]))
    for (const [name, service] of Object.entries(given.services)) {
      const base = own.services?.[name]
      settleService(service, { ...defaults.services[name], ...base }, names)
      delete service.routes
      delete service.live
      if (given.enabled && track !== "canary" && base !== undefined) base.live = track
    }
  }
}

const without = (record: Json, isLeftOut: (key: string) => boolean): Json => Object.fromEntries(Object.entries(record).filter(([key]) => !isLeftOut(key)))

function settleAmounts({ requests, limits }: Amounts): void {
  for (const [name, limit] of Object.entries(limits)) {
    const request = requests[name]
    if (request === undefined || amount(request) <= amount(limit)) continue
    requests[name] = limit
    limits[name] = request
  }
}

const UNITS: Readonly<Record<string, number>> = { m: 1, "": 1000, Ki: 1, Mi: 1024, Gi: 1024 ** 2 }
function amount(quantity: string): number {
  const [, number = "", unit = ""] = /^(\d+)(.*)$/.exec(quantity) ?? []
  return Number(number) * (UNITS[unit] ?? NaN)
}
