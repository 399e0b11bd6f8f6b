// The socket that clients connect to. It stands before the engine's own, so that the keeper knows who is there and can send them
// away: an engine that is asked to end waits for its clients without limit, and one that is killed forgets all its caches.
import { connect, createServer } from "node:net"
import { rmSync } from "node:fs"

/** Listens on `socket` and passes every connection on to `engineSocket`; `onChange` hears how many there are. */
export async function openEntrance({ socket, engineSocket, onChange }) {
  rmSync(socket, { force: true })
  const clients = new Set()
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const engine = connect({ path: engineSocket, allowHalfOpen: true })
    const leave = () => {
      client.destroy()
      engine.destroy()
      if (clients.delete(client)) onChange(clients.size)
    }
    clients.add(client)
    onChange(clients.size)
    for (const end of [client, engine]) end.on("error", leave).on("close", leave)
    client.pipe(engine)
    engine.pipe(client)
  })
  await new Promise((resolve, reject) => server.on("error", reject).listen(socket, resolve))
  return {
    count: () => clients.size,
    /** Lets nobody in any more and sends everybody away. */
    close() {
      server.close()
      for (const client of clients) client.destroy()
    },
  }
}
