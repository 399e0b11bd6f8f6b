// Debian root file systems from the mirror that this host itself uses.
import { execFileSync } from "node:child_process"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { cacheDirectory } from "./paths.mjs"

const suite = "bookworm"

/** The URIs of the host's Debian mirror: [main, security]. */
export function debianMirrors() {
  const sources = execFileSync("apt-get", ["indextargets", "--format", "$(SITE)", "Created-By: Packages"], { encoding: "utf8" })
  const sites = [...new Set(sources.split("\n").filter(Boolean))]
  const security = sites.find((site) => site.includes("security"))
  const main = sites.find((site) => /\/debian\/?$/.test(site) && !site.includes("security"))
  return [main ?? "http://deb.debian.org/debian", security ?? "http://deb.debian.org/debian-security"]
}

/** Makes a minimal Debian with `packages` as a directory or, when `target` ends in .tar, a tar file. */
export async function bootstrapDebian(run, packages, target) {
  const [main, security] = debianMirrors()
  const sources = [`deb ${main} ${suite} main`, `deb ${main} ${suite}-updates main`, `deb ${security} ${suite}-security main`]
  const include = [...new Set(["ca-certificates", ...packages])].join(",")
  await run(["mmdebstrap", "--variant=minbase", `--include=${include}`, "--aptopt=Acquire::Retries \"3\"", suite, target, ...sources])
}

/** What was installed on the host, to be taken away with the kit. */
export const installedFile = join(cacheDirectory, "installed-packages")

/** Packages that must be on the host itself. */
export async function ensureHostPackages(run, names) {
  const missing = names.filter((name) => !isInstalled(name))
  if (missing.length === 0) return
  await run(["apt-get", "update", "-q"])
  await run(["apt-get", "install", "-q", "-y", "--no-install-recommends", ...missing], { env: { DEBIAN_FRONTEND: "noninteractive" } })
  mkdirSync(cacheDirectory, { recursive: true })
  writeFileSync(installedFile, `${missing.join("\n")}\n`, { flag: "a" })
}

/** Programs that few images need, by the package that has each: installed only where the host has none, from wherever that is. */
export async function ensureHostTools(run, packages) {
  const present = (tool) => run(["sh", "-c", 'command -v "$1"', "sh", tool]).then(() => true, () => false)
  for (const [tool, name] of Object.entries(packages)) {
    if (!(await present(tool))) await ensureHostPackages(run, [name])
  }
}

function isInstalled(name) {
  const status = readFileSync("/var/lib/dpkg/status", "utf8")
  return new RegExp(`^Package: ${name}\\nStatus: install ok installed`, "m").test(status)
}
