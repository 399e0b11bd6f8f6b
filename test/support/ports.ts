import { createServer } from "node:net"
import { networkInterfaces } from "node:os"

/** Of the machine itself, not of its loopback: an engine's containers have a loopback of their own. */
export function ownAddress(): string {
  const found = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []).find(({ family, internal }) => family === "IPv4" && !internal)
  if (found === undefined) throw new Error("expected a network interface besides loopback, got none")
  return found.address
}

/** A port that nobody listens on now. */
export function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject).listen(0, host, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })
}
