// What belongs to an image, copied between real registries: the fallback tag, one that refuses it, one that wants an account. No engine.
import { createServer, request, type Server } from "node:http"
import { readFileSync } from "node:fs"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { RegistryRepository } from "../../ci/src/edges/registry-client.js"
import { attestArguments, COSIGN_FOLDER, PUBLIC_KEY_FILE, signArguments, verifyArguments, verifyAttestationArguments } from "../../ci/src/core/signing/cosign.js"
import type { Signer } from "../../ci/src/core/signing/signer.js"
import { referrersTag } from "../../ci/src/core/signing/referrers.js"
import { alone, cosign, cosignFolder, generateKey, pushImage, startRegistry } from "../support/cosign.js"

const folder = cosignFolder()
const KEY = ["--key", "run.key", "--signing-config", "signing-config.json", "--trusted-root", "trusted-root.json", "--yes"]
const TRUST = ["--key", "run.pub", "--insecure-ignore-tlog"]
const env = { COSIGN_PASSWORD: "closed" }
const cleanUp: (() => void)[] = []
let staging = ""
let real = ""
let digest = ""
let data = ""

beforeAll(async () => {
  const registries = await Promise.all([startRegistry(), startRegistry()])
  for (const { stop } of registries) cleanUp.push(stop)
  ;[staging, real] = registries.map(({ address }) => address) as [string, string]
  data = registries[0]?.data ?? ""
  generateKey(folder, "run", "closed")
  digest = await pushImage(staging, "shop/web", "one")
  const ref = `${staging}/runs/r/web@${digest}`
  await new RegistryRepository(`${staging}/runs/r/web`).copyFrom(new RegistryRepository(`${staging}/shop/web`), digest)
  expect(cosign(folder, ["sign", ...KEY, ref], env).status).toBe(0)
  expect(cosign(folder, ["attest", ...KEY, "--type", "slsaprovenance1", "--predicate", "signing-config.json", ref], env).status).toBe(0)
})
afterAll(() => {
  for (const stop of cleanUp) stop()
})

const staged = (): RegistryRepository => new RegistryRepository(`${staging}/runs/r/web`)

/** A door before the real registry that answers some requests itself. */
async function door(answer: (method: string, path: string, authorization: string | undefined) => { status: number; headers?: Record<string, string>; body?: string } | null): Promise<string> {
  const server: Server = createServer((incoming, response) => {
    const own = answer(incoming.method ?? "", incoming.url ?? "", incoming.headers.authorization)
    if (own !== null) {
      incoming.resume()
      return void response.writeHead(own.status, own.headers).end(own.body)
    }
    // The registry makes absolute addresses from this host, so its clients come back through the door.
    const passed = request(`http://${real}${incoming.url ?? ""}`, { method: incoming.method, headers: incoming.headers }, (answered) => {
      response.writeHead(answered.statusCode ?? 502, answered.headers)
      answered.pipe(response)
    })
    passed.on("error", () => response.destroy())
    incoming.pipe(passed)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  cleanUp.push(() => server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe("a copy", () => {
  it("keeps every digest, and cosign by hand accepts it", async () => {
    const target = new RegistryRepository(`${real}/shop/web`)
    await target.copyFrom(staged(), digest, "v1")
    const referrers = await staged().referrers(digest)
    expect(referrers).toHaveLength(2)
    await target.copyReferrers(staged(), digest, referrers)
    expect((await target.referrers(digest)).map((one) => one.digest)).toEqual(referrers.map((one) => one.digest))
    expect((await target.manifest("v1"))?.digest).toBe(digest)
    expect(cosign(folder, ["verify", ...TRUST, `${real}/shop/web@${digest}`]).status).toBe(0)
    expect(cosign(folder, ["verify-attestation", ...TRUST, "--type", "slsaprovenance1", `${real}/shop/web@${digest}`]).status).toBe(0)
  })

  it("leaves what another run put under the same digest", async () => {
    const target = new RegistryRepository(`${real}/shop/shared`)
    const referrers = await staged().referrers(digest)
    await target.copyFrom(staged(), digest)
    await target.copyReferrers(staged(), digest, referrers.slice(0, 1))
    await target.copyReferrers(staged(), digest, referrers.slice(1))
    await target.copyReferrers(staged(), digest, referrers)
    expect(await target.referrers(digest)).toHaveLength(2)
  })

  it("without what belongs to the image is unsigned", async () => {
    await new RegistryRepository(`${real}/shop/bare`).copyFrom(staged(), digest)
    expect(cosign(folder, ["verify", ...TRUST, `${real}/shop/bare@${digest}`]).status).toBe(10)
  })

  it("of one layer byte changed is another digest, which nobody signed", async () => {
    const changed = await pushImage(real, "shop/web", "onf")
    expect(changed).not.toBe(digest)
    expect(cosign(folder, ["verify", ...TRUST, `${real}/shop/web@${changed}`]).status).toBe(10)
  })
})

describe("a registry", () => {
  it("that refuses manifests with a subject is told by its own words", async () => {
    let subject = false
    const refusing = await door((method, path) => {
      if (method !== "PUT" || !path.includes("/manifests/sha256:")) return null
      subject = !path.endsWith(digest)
      return subject ? { status: 400, body: '{"errors":[{"code":"MANIFEST_INVALID","message":"unknown artifact type"}]}' } : null
    })
    const target = new RegistryRepository(`${refusing}/shop/refused`)
    await target.copyFrom(staged(), digest)
    await expect(target.copyReferrers(staged(), digest, await staged().referrers(digest))).rejects.toThrow(/PUT manifests\/sha256:\S+ was answered with 400 MANIFEST_INVALID: unknown artifact type$/)
    expect(await target.referrers(digest)).toEqual([])
  })

  it("that refuses the tag that stands in for the API is told so too", async () => {
    const refusing = await door((method, path) => (method === "PUT" && path.endsWith(referrersTag(digest)) ? { status: 403, body: '{"errors":[{"code":"DENIED","message":"tags are immutable"}]}' } : null))
    const target = new RegistryRepository(`${refusing}/shop/immutable`)
    await target.copyFrom(staged(), digest)
    await expect(target.copyReferrers(staged(), digest, await staged().referrers(digest))).rejects.toThrow(/PUT manifests\/sha256-[0-9a-f]{64} was answered with 403 DENIED: tags are immutable$/)
  })

  it("that wants a token gets one, for the account", async () => {
    const asked: string[] = []
    const address: string = await door((_method, path, authorization) => {
      if (path.startsWith("/token")) {
        asked.push(`${path} ${authorization ?? "nobody"}`)
        return authorization === `Basic ${Buffer.from("ci:hidden").toString("base64")}` ? { status: 200, body: '{"token":"t-1"}' } : { status: 401, body: '{"errors":[{"code":"UNAUTHORIZED","message":"wrong account"}]}' }
      }
      return authorization === "Bearer t-1" ? null : { status: 401, headers: { "www-authenticate": `Bearer realm="http://${address}/token",service="shop"` } }
    })
    const name = `${address}/shop/private`
    await new RegistryRepository(name, { username: "ci", password: "hidden" }).copyFrom(staged(), digest)
    expect(asked).toEqual([expect.stringMatching(/^\/token\?service=shop&scope=repository%3Ashop%2Fprivate%3Apull%2Cpush Basic /)])
    const refused = new RegistryRepository(name, { username: "ci", password: "mistyped" }).manifest("v1").then(() => "taken", (error: Error) => error.message)
    expect(await refused).toMatch(/gave no token: 401 UNAUTHORIZED: wrong account\. Is the account/)
    expect(await refused).not.toContain("mistyped")
  })

  it("that does not answer is told by its address", async () => {
    await expect(new RegistryRepository("127.0.0.1:64999/shop/web").manifest("v1")).rejects.toThrow(/no answer from 127\.0\.0\.1:64999: .*ECONNREFUSED/)
  })
})

describe("offline", () => {
  // A network of its own with nothing but the loopback in it: whoever asks Sigstore there gets no answer and says so.
  it("signs, attests and verifies with a registry alone, and asks nobody else", async () => {
    const signer: Signer = { kind: "ephemeral" }
    const place = { ref: `127.0.0.1:5000/shop/web@${digest}`, plainHttp: true }
    const calls = [signArguments(signer, place), attestArguments(signer, "provenance", "signing-config.json", place), verifyArguments(signer, place), verifyAttestationArguments(signer, "provenance", place)]
    const words = calls.map(([, ...argv]) => argv.map((word) => word.replace(PUBLIC_KEY_FILE, "run.pub").replace(`${COSIGN_FOLDER}/`, "")))
    const ended = alone(folder, data, words, { COSIGN_PASSWORD: "closed", COSIGN_PRIVATE_KEY: readFileSync(join(folder, "run.key"), "utf8") })
    expect(ended.map(({ status }) => status), JSON.stringify(ended)).toEqual([0, 0, 0, 0])
    for (const { stderr, seconds } of ended) {
      expect(stderr).not.toMatch(/TUF|tuf|sigstore\.dev\/|lookup|dial/)
      expect(seconds).toBeLessThan(8)
    }
  })
})
