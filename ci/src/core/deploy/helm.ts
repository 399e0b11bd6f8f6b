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

/** Rolls back nothing by itself: the evidence is kept first, and then we do. */
export function helmUpgradeArguments(release: HelmRelease, timeoutSeconds: number): readonly string[] {
  return [
    "helm", "upgrade", "--install", release.name, release.chart, "--namespace", release.namespace,
    // The watcher ends at a Deployment's progressDeadlineSeconds; the default waits for hooks only.
    "--wait=watcher", `--timeout=${timeoutSeconds}s`, "--server-side=true", "--force-conflicts", ...valueFlags(release),
  ]
}

export function helmHistoryArguments(release: HelmRelease): readonly string[] {
  return ["helm", "history", release.name, "--namespace", release.namespace, "--output", "json", "--max", "50"]
}

/** Waits for hooks alone: Helm's watcher takes the condition that the failed roll-out left behind for the end of the way back. */
export function helmRollbackArguments(release: HelmRelease, revision: number, timeoutSeconds: number): readonly string[] {
  return ["helm", "rollback", release.name, String(revision), "--namespace", release.namespace, "--wait=hookOnly", `--timeout=${timeoutSeconds}s`, "--server-side=true", "--force-conflicts"]
}

export function helmUninstallArguments(release: HelmRelease, timeoutSeconds: number): readonly string[] {
  return ["helm", "uninstall", release.name, "--namespace", release.namespace, "--wait", `--timeout=${timeoutSeconds}s`]
}

/** The last revision that was healthy, from `helm history --output json`; null before the first. */
export function lastDeployedRevision(historyJson: string): number | null {
  const history = JSON.parse(historyJson) as readonly { readonly revision: number; readonly status: string }[]
  const healthy = history.filter(({ status }) => status === "deployed" || status === "superseded").map(({ revision }) => revision)
  return healthy.length === 0 ? null : Math.max(...healthy)
}
