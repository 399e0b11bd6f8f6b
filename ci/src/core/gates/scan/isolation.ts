import { interfacesOf, type IsolationWay } from "../../scan/sandbox.js"

/** How a scan was kept from the network, as it saw it itself. */
export interface ScanIsolation {
  readonly way: IsolationWay
  /** /proc/net/dev, read in the very process that scanned; null when it was not written. */
  readonly network: string | null
}

const WAY_WORDS: Readonly<Record<IsolationWay, string>> = {
  "network-none": "RUN --network=none",
  namespace: "a user and network namespace",
  open: "no way that this engine has",
}

/** What the row says: what was asked for counts for nothing, what the scanner had does. */
export function describeIsolation({ way, network }: ScanIsolation): string {
  const interfaces = network === null ? null : interfacesOf(network)
  if (interfaces === null) return "whether egress was open is not known"
  return interfaces.length === 0 ? "no network" : `egress was open (${WAY_WORDS[way]}: ${interfaces.join(", ")})`
}

/** The same for the log, with the way. */
export function logIsolation({ way, network }: ScanIsolation): string {
  return `network: ${describeIsolation({ way, network })}; by ${WAY_WORDS[way]}\n${network ?? "/proc/net/dev was not read\n"}`
}

export const isIsolated = (network: string | null): boolean => network !== null && interfacesOf(network)?.length === 0
