// Images from the kit's mirror: the node's own, unpacked, and those of the platform, copied to the cluster's registry so that it needs no mirror later.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { ensureImage } from "../images.mjs"
import { registryDigest } from "../images/registry.mjs"
import { files } from "../keeper-state.mjs"
import { workshop } from "../mirror.mjs"
import { loadRecipe } from "../recipe.mjs"
import { inRootfs } from "../rootfs.mjs"
import { ensureKit } from "../setup.mjs"
import { step } from "../steps.mjs"
import { bundle, node, registryAddress } from "./places.mjs"

const recipe = loadRecipe()
const named = (repository) => Object.keys(recipe.images).find((name) => name.startsWith(`${repository}:`))
const nodeImage = named("airgap/kubernetes")
const platformImages = { coredns: named("coredns/coredns"), traefik: named("traefik"), pause: named("registry.k8s.io/pause"), prometheus: named("prom/prometheus") }

const key = (name) => recipe.imageKey(name).slice(0, 12)
const skopeo = (...argv) => inRootfs(["skopeo", "--insecure-policy", "copy", "--quiet", "--preserve-digests", "--src-tls-verify=false", "--dest-tls-verify=false", ...argv])
const byDigest = ({ ref, digest }) => `docker://${ref.replace(/:[^:/]+$/, "")}@${digest}`

/** An engine of any recipe will do: images are told apart by their own keys, and its users keep it. */
async function fromMirror(context, say, name, use) {
  const answers = await fetch(`http://${workshop}/v2/`, { signal: AbortSignal.timeout(5000) }).then((answer) => answer.ok, () => false)
  if (!answers) await ensureKit(say)
  const keepAwake = setInterval(() => writeFileSync(files.lastUsed, ""), 30_000)
  writeFileSync(files.lastUsed, "")
  try {
    await use(await step(`image ${name}`, () => ensureImage(context, name)))
  } finally {
    clearInterval(keepAwake)
  }
}

/** The node's root file system, unpacked again only when the image's recipe has changed. */
export async function ensureNodeRoot(context, say) {
  const stamp = join(bundle(node), "image-key")
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === key(nodeImage)) return
  await fromMirror(context, say, nodeImage, (image) => step("unpacking the cluster image", async () => {
    const work = `${bundle(node)}.unfinished`
    for (const path of [work, bundle(node)]) rmSync(path, { recursive: true, force: true })
    mkdirSync(work, { recursive: true })
    await context.run(skopeo(byDigest(image), `oci:${join(work, "oci")}:node`))
    await context.run(inRootfs(["umoci", "raw", "unpack", "--image", `${join(work, "oci")}:node`, join(work, "rootfs")]))
    rmSync(join(work, "oci"), { recursive: true })
    writeFileSync(join(work, "image-key"), key(nodeImage))
    renameSync(work, bundle(node))
  }))
}

/** How the cluster names a platform image; the recipe's key in the tag lets a changed image be noticed. */
export function platformReference(part) {
  const [, repository, tag] = /([^/]+):([^:]+)$/.exec(platformImages[part])
  return `${registryAddress}/platform/${repository}:${tag}-${key(platformImages[part])}`
}

export async function ensurePlatformImages(context, say) {
  for (const [part, name] of Object.entries(platformImages)) {
    const target = platformReference(part)
    if (await registryDigest(target)) continue
    await fromMirror(context, say, name, (image) => context.run(skopeo(byDigest(image), `docker://${target}`)))
  }
}
