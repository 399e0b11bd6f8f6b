import type { Command } from "../../config/commands.js"
import { hasFile, joinPath, relativeTo } from "../../detect/tree.js"
import type { ConfigProblem } from "../../errors.js"
import type { Toolchain } from "../toolchain.js"
import { artifactFolders, TSCONFIGS } from "./artifacts.js"
import type { NodeFacts } from "./facts.js"
import { lintCommands } from "./lint-command.js"
import { chooseManager, type ManagerChoice } from "./manager-choice.js"
import { readManifest, type PackageManifest } from "./manifest.js"
import { chooseNode } from "./node-version.js"
import { testCommands } from "./test-command.js"
import { TEST_RUNNERS } from "./test-runners.js"
import { localDependencies, packageManifests, workspaceAround, workspaceAt } from "./workspace.js"

const MANAGER_FOLDER = "/opt/package-manager"
const PATH = `${MANAGER_FOLDER}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`

/** Services with a package.json, of whichever package manager. */
export const NODE_TOOLCHAIN: Toolchain = {
  name: "node",
  factFiles: [
    ...["package.json", "pnpm-workspace.yaml", "pnpm-lock.yaml", "yarn.lock", ".yarnrc.yml", ".nvmrc", ".node-version"],
    ...TSCONFIGS,
    ...TEST_RUNNERS.flatMap(({ configFiles }) => configFiles),
  ],
  detect: (tree, path) => hasFile(tree, path, "package.json"),
  recipe: async ({ path, tests, commands, buildImage }, tree, images) => {
    const { manifest, problems: broken } = readManifest(tree, path)
    const { workspace, problems: brokenAround } = await workspaceAround(tree, path)
    const ownInstall = commands.install !== undefined
    const choice = chooseManager(tree, { path, manifest, workspace, ownInstall })
    const isMember = workspace !== null && choice.root === workspace.root
    const head = isMember ? workspace : await workspaceAt(tree, choice.root)
    const manifests = isMember ? [manifest, head.manifest] : [manifest]
    const node = await chooseNode(tree, manifests, isMember ? [path, head.root] : [path], buildImage === undefined ? images : [])
    const { manager, root, lockFile } = choice
    const facts: NodeFacts = { tree, path: joinPath(path), root, manifest, manager, tests, ownInstall, dependencies: new Set(manifests.flatMap((each) => [...each.dependencies.keys()])) }
    const [lint, test] = [lintCommands(facts), testCommands(facts)]
    const script = (name: string): readonly Command[] => (manifest.scripts.has(name) ? [manager.run(name, [])] : [])
    const own = hasFile(tree, path, "package.json") ? broken : [noManifest(manifest)]
    return {
      // One thing at a time: what follows from a file that cannot be read is no news.
      problems: own.length > 0 ? own : [...(isMember || choice.lockFile === null ? brokenAround : []), ...head.problems, ...choice.problems, ...node.problems],
      recipe: {
        imageKey: node.imageKey,
        env: { CI: "true", NO_COLOR: "1", npm_config_update_notifier: "false", ...(choice.version === null ? {} : { PATH }), ...manager.env },
        runtime: node.runtime,
        caches: [{ name: "npm", mountPath: "/root/.npm" }, ...manager.caches],
        setup: setup(choice),
        root,
        manifests: manifestGlobs(choice, head.globs, [manifest, head.manifest]),
        lockProblems: manager.lockProblems,
        install: [manager.install, ...test.folders.map((folder) => ["mkdir", "-p", joinPath(relativeTo(root, path), folder)])],
        lint: lint.commands,
        build: script("build"),
        test: test.commands,
        audit: [manager.audit],
        start: script("start"),
        reports: { junit: tests.junit, lcov: tests.lcov, cobertura: tests.cobertura },
        artifacts: artifactFolders(facts),
        auditReport: manager.kind,
        lockFile,
        notes: [node.note, choice.note, ...lint.notes, ...test.notes],
      },
    }
  },
}

/** Corepack and Yarn are not in every image, and npm is: it installs the others, beside what the image brings. */
function setup({ manager, version }: ManagerChoice): readonly Command[] {
  if (version === null) return []
  return [["npm", "install", "--global", `--prefix=${MANAGER_FOLDER}`, "--ignore-scripts", "--no-audit", "--no-fund", `${manager.packageName}@${version}`]]
}

function manifestGlobs({ manager, root }: ManagerChoice, globs: readonly string[], manifests: readonly PackageManifest[]): readonly string[] {
  const local = manifests.flatMap((manifest) => localDependencies(manifest, root))
  return [...new Set(["package.json", ...manager.lockFiles, ".npmrc", ...manager.manifests, ...packageManifests(globs), ...local])]
}

function noManifest({ file }: PackageManifest): ConfigProblem {
  return { file, line: 1, where: "", expected: "the package.json of a service of toolchain `node`", got: "no such file", fix: "Write one, or set another `toolchain` in delivery.yaml." }
}
