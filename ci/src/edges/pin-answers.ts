import type { RegistryAnswer } from "../core/pins/check.js"
import { RegistryError } from "../core/signing/registry-api.js"
import { RegistryRepository } from "./registry-client.js"

const ASK_SECONDS = 20

/** The digest of what a registry has under a tag or digest, computed from what it sent, as anybody may ask. */
export async function askRegistry(repository: string, reference: string): Promise<RegistryAnswer> {
  try {
    const manifest = await new RegistryRepository(repository).manifest(reference)
    return manifest === null ? { kind: "missing", detail: `${repository.split("/")[0]} answered 404` } : { kind: "digest", digest: manifest.digest }
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    return { kind: "unanswered", detail: error.message }
  }
}

/** A text that somebody publishes; null, with the reason told, when it cannot be had. */
export async function askText(url: string): Promise<{ readonly text: string | null; readonly detail: string }> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ASK_SECONDS * 1000) })
    return response.ok ? { text: await response.text(), detail: "" } : { text: null, detail: `${new URL(url).host} answered ${response.status}` }
  } catch (error) {
    // Node says "fetch failed", and why only in the cause.
    const { cause } = error as { readonly cause?: unknown }
    return { text: null, detail: `${new URL(url).host}: ${cause instanceof Error && cause.message !== "" ? cause.message : String(error)}` }
  }
}
