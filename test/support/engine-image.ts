// A stand-in for the engine image that Dagger publishes: the kit's own engine, on the root file system that the kit runs it in.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createContext } from "../../airgap/lib/context.mjs"
import { ensureEnginePrograms, ensureSdkContent } from "../../airgap/lib/engine-content.mjs"
import { registryDigest } from "../../airgap/lib/images/registry.mjs"
import { cacheDirectory, sha256 } from "../../airgap/lib/paths.mjs"
import { ensureRootfs } from "../../airgap/lib/rootfs.mjs"

/** As upstream's does, for a node with cgroup v2. */
const ENTRYPOINT = `#!/bin/sh
set -e
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir -p /sys/fs/cgroup/init
  xargs -rn1 </sys/fs/cgroup/cgroup.procs >/sys/fs/cgroup/init/cgroup.procs || :
  sed -e 's/ / +/g' -e 's/^/+/' </sys/fs/cgroup/cgroup.controllers >/sys/fs/cgroup/cgroup.subtree_control
fi
exec /kit/bin/dagger-engine "$@"
`

const plainTar = ["tar", "--sort=name", "--mtime=@0", "--numeric-owner"]

/** Pushes the image to a registry that speaks plain HTTP, unless it is there, and tells its reference. */
export async function pushEngineImage(registry: string): Promise<string> {
  const context = createContext({ log: () => {} })
  const [root, programs, sdk] = [await ensureRootfs(context.run), await ensureEnginePrograms(context), await ensureSdkContent(context)]
  const reference = `${registry}/dagger/engine:${sha256(JSON.stringify([root, programs, sdk.digest, ENTRYPOINT])).slice(0, 12)}`
  if ((await registryDigest(reference)) !== null) return reference
  mkdirSync(join(cacheDirectory, "work"), { recursive: true })
  const work = mkdtempSync(join(cacheDirectory, "work", "engine-image-"))
  try {
    const image = `${join(work, "oci")}:engine`
    const layer = async (...argv: string[]): Promise<void> => {
      await context.run([...plainTar, "-cf", join(work, "layer.tar"), ...argv])
      await context.run(["umoci", "raw", "add-layer", "--image", image, join(work, "layer.tar")])
    }
    await context.run(["umoci", "init", "--layout", join(work, "oci")])
    await context.run(["umoci", "new", "--image", image])
    // What the kit mounts there is another layer, or the cluster's business.
    await layer("--exclude=./kit/bin/*", "--exclude=./usr/local/share/dagger/content/*", "--exclude=./root/*", "--exclude=./usr/share/doc/*", "-C", root, ".")
    mkdirSync(join(work, "bin"))
    writeFileSync(join(work, "bin/dagger-entrypoint.sh"), ENTRYPOINT)
    chmodSync(join(work, "bin/dagger-entrypoint.sh"), 0o755)
    await layer(`--transform=s,^\\.,kit/bin,`, "--exclude=./codegen", "-C", programs, ".", "-C", join(work, "bin"), "./dagger-entrypoint.sh")
    await layer(`--transform=s,^\\.,usr/local/share/dagger/content,`, "-C", sdk.directory, ".")
    const env = { PATH: "/kit/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", DAGGER_TYPESCRIPT_SDK_MANIFEST_DIGEST: sdk.digest, _EXPERIMENTAL_DAGGER_RUNNER_HOST: "unix:///run/dagger/engine.sock" }
    await context.run(["umoci", "config", "--image", image, "--config.entrypoint=/kit/bin/dagger-entrypoint.sh", ...Object.entries(env).map(([name, value]) => `--config.env=${name}=${value}`)])
    await context.run(["skopeo", "--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false", `oci:${image}`, `docker://${reference}`])
    return reference
  } finally {
    if (existsSync(work)) rmSync(work, { recursive: true, force: true })
  }
}
