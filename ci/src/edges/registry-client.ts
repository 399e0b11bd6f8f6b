import { createHash } from "node:crypto"
import { parseChallenge, RegistryError, registryPlace, registryWords } from "../core/signing/registry-api.js"
import { blobsOf, MANIFEST_TYPES, OCI_INDEX, referrersTag, withReferrers, type ManifestParts, type Referrer } from "../core/signing/referrers.js"

const TIMEOUT_MS = 60_000

/** Who asks, where a registry wants to know. */
export interface RegistryAccount {
  readonly username: string
  readonly password: string
}

/** A manifest with the very bytes that its digest is of. */
export interface StoredManifest {
  readonly bytes: Buffer
  readonly mediaType: string
  readonly digest: string
  readonly parts: ManifestParts
}

interface RegistryRequest {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string
  /** Answers that are no error. */
  readonly expected: readonly number[]
}

/**
 * One repository, through the distribution API. The engine copies images; what belongs to them it does not know,
 * and no tool does this that is not another image to pull.
 */
export class RegistryRepository {
  private readonly repository: string
  private readonly host: string
  private readonly schemes: readonly string[]
  private scheme: string | null = null
  private authorization: string | null = null
  private loggingIn: Promise<boolean> | null = null

  /** `base` is asked instead of the host of the name: a service of the run under the address that it has just now. */
  constructor(
    private readonly name: string,
    private readonly account: RegistryAccount | null = null,
    base: string | null = null,
  ) {
    const place = registryPlace(name)
    this.repository = place.repository
    this.host = base ?? place.host
    this.schemes = base === null ? place.schemes : ["http"]
  }

  async manifest(reference: string): Promise<StoredManifest | null> {
    const answer = await this.ask("GET", `manifests/${reference}`, { headers: { accept: MANIFEST_TYPES.join(", ") }, expected: [200, 404] })
    if (answer.status === 404) return null
    const bytes = Buffer.from(await answer.arrayBuffer())
    const mediaType = (answer.headers.get("content-type") ?? "").split(";")[0] ?? ""
    return { bytes, mediaType, digest: sha256(bytes), parts: JSON.parse(bytes.toString("utf8")) as ManifestParts }
  }

  /** Writes a manifest under a tag or its digest; says whether the registry itself noted whom it belongs to. */
  async putManifest(reference: string, manifest: { readonly bytes: Buffer | string; readonly mediaType: string }): Promise<boolean> {
    const answer = await this.ask("PUT", `manifests/${reference}`, { headers: { "content-type": manifest.mediaType }, body: manifest.bytes, expected: [201] })
    return answer.headers.get("oci-subject") !== null
  }

  async blob(digest: string): Promise<Buffer> {
    return Buffer.from(await (await this.ask("GET", `blobs/${digest}`, { expected: [200] })).arrayBuffer())
  }

  /** Stores bytes under their digest, unless they are there already. */
  async putBlob(bytes: Buffer): Promise<{ readonly digest: string; readonly size: number }> {
    const digest = sha256(bytes)
    const there = await this.ask("HEAD", `blobs/${digest}`, { expected: [200, 404] })
    if (there.status !== 200) await this.upload(await this.ask("POST", "blobs/uploads/", { expected: [202] }), digest, bytes)
    return { digest, size: bytes.length }
  }

  /** What belongs to an image: by the API, or by the tag that stands in for it. */
  async referrers(digest: string): Promise<readonly Referrer[]> {
    const answer = await this.ask("GET", `referrers/${digest}`, { headers: { accept: OCI_INDEX }, expected: [200, 400, 404, 405] })
    if (answer.status === 200) return ((await answer.json()) as ManifestParts).manifests ?? []
    return (await this.manifest(referrersTag(digest)))?.parts.manifests ?? []
  }

  /** Copies an image, or something that belongs to one, with the same bytes and so the same digest. */
  async copyFrom(source: RegistryRepository, reference: string, as: string = reference): Promise<StoredManifest & { readonly noted: boolean }> {
    const manifest = await source.manifest(reference)
    if (manifest === null) throw new RegistryError(`${source.name}: ${reference} is not there`, 404)
    for (const child of manifest.parts.manifests ?? []) await this.copyFrom(source, child.digest)
    await Promise.all(blobsOf(manifest.parts).map((digest) => this.copyBlob(source, digest)))
    return { ...manifest, noted: await this.putManifest(as, manifest) }
  }

  /** Copies what belongs to an image that is here already. */
  async copyReferrers(source: RegistryRepository, subject: string, referrers: readonly Referrer[]): Promise<void> {
    let noted = true
    for (const { digest } of referrers) noted = (await this.copyFrom(source, digest)).noted && noted
    if (noted) return
    // A registry without the referrers API: readers look under this tag.
    const index = await this.manifest(referrersTag(subject))
    await this.putManifest(referrersTag(subject), { bytes: withReferrers(index?.parts ?? null, referrers), mediaType: OCI_INDEX })
  }

  private async copyBlob(source: RegistryRepository, digest: string): Promise<void> {
    const there = await this.ask("HEAD", `blobs/${digest}`, { expected: [200, 404] })
    if (there.status === 200) return
    const mount = source.host === this.host ? `?mount=${digest}&from=${source.repository}` : ""
    const started = await this.ask("POST", `blobs/uploads/${mount}`, { expected: [201, 202] })
    if (started.status === 201) return
    const blob = await source.ask("GET", `blobs/${digest}`, { expected: [200] })
    await this.upload(started, digest, Buffer.from(await blob.arrayBuffer()))
  }

  private async upload(started: Response, digest: string, body: Buffer): Promise<void> {
    const place = new URL(started.headers.get("location") ?? "", started.url)
    place.searchParams.set("digest", digest)
    await this.ask("PUT", place, { headers: { "content-type": "application/octet-stream" }, body, expected: [201] })
  }

  private async ask(method: string, where: string | URL, request: RegistryRequest): Promise<Response> {
    const shown = this.authorization
    const answer = await this.send(method, where, request)
    // Another request may have logged in meanwhile.
    if (answer.status !== 401 || (this.authorization === shown && !(await this.loginOnce(answer, shown)))) return this.check(method, where, request, answer)
    return this.check(method, where, request, await this.send(method, where, request))
  }

  private async check(method: string, where: string | URL, { expected }: RegistryRequest, answer: Response): Promise<Response> {
    if (expected.includes(answer.status)) return answer
    const path = typeof where === "string" ? where : where.pathname
    throw new RegistryError(`${this.name}: ${method} ${path} was answered with ${registryWords(answer.status, await answer.text())}`, answer.status)
  }

  private async send(method: string, where: string | URL, { headers, body }: RegistryRequest): Promise<Response> {
    let last: unknown
    for (const scheme of this.scheme === null ? this.schemes : [this.scheme]) {
      const url = where instanceof URL ? where : new URL(`${scheme}://${this.host}/v2/${this.repository}/${where}`)
      try {
        const answer = await fetch(url, {
          method,
          headers: { ...headers, ...(this.authorization === null ? {} : { authorization: this.authorization }) },
          ...(body === undefined ? {} : { body }),
          signal: AbortSignal.timeout(TIMEOUT_MS),
        })
        this.scheme = scheme
        return answer
      } catch (error) {
        last = error
      }
    }
    throw new RegistryError(`${this.name}: no answer from ${this.host}: ${reasonOf(last)}`, 0)
  }

  private loginOnce(refused: Response, shown: string | null): Promise<boolean> {
    this.loggingIn ??= this.login(refused, shown).finally(() => (this.loggingIn = null))
    return this.loggingIn
  }

  /** Answers what the registry asks of its callers; false when there is nothing more to show. */
  private async login(refused: Response, shown: string | null): Promise<boolean> {
    const challenge = parseChallenge(refused.headers.get("www-authenticate"), [{ name: this.repository, actions: "pull,push" }])
    const basic = this.account === null ? null : `Basic ${Buffer.from(`${this.account.username}:${this.account.password}`).toString("base64")}`
    if (challenge === null) return false
    if (challenge.kind === "basic") {
      if (basic === null || shown === basic) return false
      this.authorization = basic
      return true
    }
    const answer = await fetch(challenge.tokenUrl, { headers: basic === null ? {} : { authorization: basic }, signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (!answer.ok) throw new RegistryError(`${this.name}: the registry gave no token: ${registryWords(answer.status, await answer.text())}. Is the account of delivery.yaml, \`registry\`, right?`, answer.status)
    const { token, access_token: accessToken } = (await answer.json()) as { token?: string; access_token?: string }
    const given = token ?? accessToken
    if (given === undefined || shown === `Bearer ${given}`) return false
    this.authorization = `Bearer ${given}`
    return true
  }
}

const sha256 = (bytes: Buffer): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`
const reasonOf = (error: unknown): string => (error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error))
