// yarn 1 asks one address alone, whatever its registry is; only a proxy leads it elsewhere. This is such a proxy:
// it answers itself what is meant for that address, and lets everything else through.
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createSecureContext, TLSSocket } from "node:tls"

/** What yarn 1.22 has in its source. */
const YARN_REGISTRY = "registry.yarnpkg.com"

/** The mode is the user of the proxy's address, as in http://refusing:@10.0.0.1:8080. */
export const proxyMode = ({ headers }) => {
  const [, encoded = ""] = /^Basic (.+)$/.exec(headers["proxy-authorization"] ?? "") ?? []
  return Buffer.from(encoded, "base64").toString("utf8").split(":")[0] ?? ""
}

/** Lets `server` take part as a proxy; the paths that it then gets begin with the mode, as others do. */
export function answerAsProxy(server) {
  let secureContext
  server.on("connect", (request, socket, head) => {
    const [host, port] = request.url.split(":")
    socket.on("error", () => socket.destroy())
    if (host !== YARN_REGISTRY) return tunnel(socket, head, host, Number(port))
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n")
    if (head.length > 0) socket.unshift(head)
    secureContext ??= createSecureContext(selfSigned())
    const secure = new TLSSocket(socket, { isServer: true, secureContext })
    secure.on("error", () => secure.destroy())
    secure.mode = proxyMode(request)
    server.emit("connection", secure)
  })
}

function tunnel(socket, head, host, port) {
  const upstream = connect(port, host, () => {
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n")
    upstream.write(head)
    upstream.pipe(socket).pipe(upstream)
  })
  upstream.on("error", () => socket.destroy())
}

/** A certificate that nobody trusts: who comes here must not check it (`strict-ssl false`). */
function selfSigned() {
  const folder = mkdtempSync(join(tmpdir(), "advisory-service-"))
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => join(folder, name))
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", `/CN=${YARN_REGISTRY}`]
  execFileSync("openssl", [...request, "-keyout", key, "-out", cert], { stdio: "ignore" })
  const pair = { key: readFileSync(key), cert: readFileSync(cert) }
  rmSync(folder, { recursive: true })
  return pair
}
