import { lastLines, type ExecOutcome } from "../gates/exec.js"

/** What every Helm call on one release is told. */
export interface HelmRelease {
  readonly name: string
  readonly namespace: string
  readonly chart: string
  readonly values: readonly string[]
}

const valueFlags = (release: HelmRelease): readonly string[] => release.values.flatMap((file) => ["--values", file])

export function helmLintArguments(release: HelmRelease): readonly string[] {
  return ["helm", "lint", "--strict", release.chart, "--namespace", release.namespace, ...valueFlags(release)]
}

/** Every object of the release on stdout, with what a chart can know without a cluster. */
export function helmRenderArguments(release: HelmRelease): readonly string[] {
  return ["helm", "template", release.name, release.chart, "--namespace", release.namespace, ...valueFlags(release)]
}

/** Whether Helm would take the release: templates, kinds that the cluster has, objects that belong to somebody else. */
export function helmDryRunArguments(release: HelmRelease): readonly string[] {
  return ["helm", "upgrade", "--install", release.name, release.chart, "--namespace", release.namespace, "--dry-run=server", "--hide-secret", "--server-side=true", "--force-conflicts", ...valueFlags(release)]
}

/** Writes every object of the release as a file, with the kinds that the cluster has. */
export function helmTemplateArguments(release: HelmRelease, folder: string): readonly string[] {
  return ["helm", "template", release.name, release.chart, "--namespace", release.namespace, "--dry-run=server", "--no-hooks", "--output-dir", folder, ...valueFlags(release)]
}

/** Has the API server judge the objects in a folder. Helm's own dry run shows it none of them. */
export function kubectlDryRunArguments(namespace: string, folder: string): readonly string[] {
  return ["kubectl", "apply", "--server-side", "--dry-run=server", "--force-conflicts", "--field-manager=helm", "--namespace", namespace, "--recursive", "-f", folder]
}

/** The live objects of the same names; those that are not there are left out. */
export function kubectlLiveArguments(namespace: string, folder: string): readonly string[] {
  return ["kubectl", "get", "--ignore-not-found", "--output=json", "--namespace", namespace, "--recursive", "-f", folder]
}

/**
 * Rolls back nothing by itself: the evidence is kept first, and then we do. Waits for hooks alone: the roll-out is watched by us,
 * for Helm's watcher knows of a crash loop or a missing image only when a Deployment's progressDeadlineSeconds are over.
 */
export function helmUpgradeArguments(release: HelmRelease, timeoutSeconds: number): readonly string[] {
  return [
    "helm", "upgrade", "--install", release.name, release.chart, "--namespace", release.namespace,
    "--wait=hookOnly", `--timeout=${timeoutSeconds}s`, "--history-max=20", "--server-side=true", "--force-conflicts", ...valueFlags(release),
  ]
}

export function helmHistoryArguments(release: HelmRelease): readonly string[] {
  return ["helm", "history", release.name, "--namespace", release.namespace, "--output", "json", "--max", "50"]
}

/** Waits for hooks alone: Helm's watcher takes the condition that the failed roll-out left behind for the end of the way back. */
export function helmRollbackArguments(release: HelmRelease, revision: number, timeoutSeconds: number): readonly string[] {
  return ["helm", "rollback", release.name, String(revision), "--namespace", release.namespace, "--wait=hookOnly", `--timeout=${timeoutSeconds}s`, "--history-max=20", "--server-side=true", "--force-conflicts"]
}

export function helmUninstallArguments(release: HelmRelease, timeoutSeconds: number): readonly string[] {
  return ["helm", "uninstall", release.name, "--namespace", release.namespace, "--wait", `--timeout=${timeoutSeconds}s`]
}

export function helmManifestArguments(release: HelmRelease, revision: number | null): readonly string[] {
  return ["helm", "get", "manifest", release.name, "--namespace", release.namespace, ...(revision === null ? [] : ["--revision", String(revision)])]
}

/** One revision, as `helm history --output json` and Helm's own storage tell it. */
export interface HelmRevision {
  readonly revision: number
  readonly status: string
  readonly updated: string
}

/** Oldest first; empty for a release that Helm does not know. */
export function parseHelmHistory(historyJson: string): readonly HelmRevision[] {
  return historyJson.trim() === "" ? [] : [...(JSON.parse(historyJson) as readonly HelmRevision[])].sort((one, other) => one.revision - other.revision)
}

/** What Helm gave up for: it logs its errors, and then says them. */
export function helmSaid({ stderr, stdout }: Pick<ExecOutcome, "stderr" | "stdout">): string {
  const lines = (stderr || stdout).split("\n")
  const errors = lines.filter((line) => line.startsWith("Error: "))
  return lastLines((errors.length > 0 ? errors : lines).join("\n"), 3).replaceAll("\n", " ")
}
