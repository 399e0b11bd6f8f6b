import type { ChartConfig } from "../config/chart.js"
import type { Command } from "../config/commands.js"
import type { EnvironmentConfig } from "../config/environments.js"
import type { PoliciesConfig } from "../config/policies.js"
import { helmLintArguments, helmRenderArguments } from "../deploy/helm.js"
import { joinPath } from "../detect/tree.js"
import { RULES_ANNOTATION } from "../route/http-route.js"
import type { Step } from "../steps/step.js"

/** What a step of `charts-check` is about; the judge reads each kind in its own way. */
export type CheckKind = "definitions" | "policies" | "lint" | "render" | "namespace" | "guard" | "accept" | "rules"

/** Its name is such as `accept:production`. */
export interface CheckStep extends Step {
  readonly kind: CheckKind
  /** Null for what is there for all environments. */
  readonly environment: string | null
}

/** Where the files of the check lie in its container. */
export const CHECK_FOLDERS = {
  tree: "/work/tree",
  /** Kinds that every cluster of the product has, and those of programs that `local` does without. */
  definitions: "/work/definitions",
  moreDefinitions: "/work/more-definitions",
  /** By environment: the values of a release, the namespace, and the Deployment that policies must refuse. */
  releases: "/work/releases",
  namespaces: "/work/namespaces",
  guards: "/work/guards",
  /** By environment: the rendered chart. */
  rendered: "/work/rendered",
} as const

const POLICIES_RENDERED = `${CHECK_FOLDERS.rendered}/.policies.yaml`
/** The cluster of this environment has no kinds but those of Kubernetes and of the Gateway API. */
const BARE_ENVIRONMENT = "local"

export interface ChartsToCheck {
  readonly chart: ChartConfig
  readonly environments: readonly Pick<EnvironmentConfig, "name" | "namespace" | "values">[]
  readonly policies: PoliciesConfig | null
  /** The policies are a Helm chart. */
  readonly policiesAreChart: boolean
}

/** Every command of the check, in order. What a bare cluster has comes first, so that a chart cannot count on more there. */
export function checkSteps(input: ChartsToCheck): readonly CheckStep[] {
  const bare = input.environments.filter(({ name }) => name === BARE_ENVIRONMENT)
  const others = input.environments.filter(({ name }) => name !== BARE_ENVIRONMENT)
  return [
    ...definitionSteps("definitions", CHECK_FOLDERS.definitions),
    ...policySteps(input),
    ...bare.flatMap((environment) => environmentSteps(input, environment)),
    ...definitionSteps("more-definitions", CHECK_FOLDERS.moreDefinitions),
    ...others.flatMap((environment) => environmentSteps(input, environment)),
  ]
}

function definitionSteps(name: string, folder: string): readonly CheckStep[] {
  const step = { kind: "definitions", environment: null } as const
  return [
    { ...step, name, argv: ["kubectl", "apply", "--server-side", "-f", folder] },
    { ...step, name: `${name}-ready`, argv: ["kubectl", "wait", "--for=condition=Established", "--timeout=30s", "-f", folder] },
  ]
}

function policySteps({ policies, policiesAreChart }: ChartsToCheck): readonly CheckStep[] {
  if (policies === null) return []
  const folder = `${CHECK_FOLDERS.tree}/${joinPath(policies.path)}`
  const step = { kind: "policies", environment: null } as const
  const values = (policies.values ?? []).flatMap((path) => ["--values", `${CHECK_FOLDERS.tree}/${joinPath(path)}`])
  const render: CheckStep = { ...step, name: "policies-render", argv: ["helm", "template", "policies", folder, ...values], stdoutFile: POLICIES_RENDERED }
  const files = policiesAreChart ? ["-f", POLICIES_RENDERED] : ["--recursive", "-f", folder]
  return [...(policiesAreChart ? [render] : []), { ...step, name: "policies", argv: ["kubectl", "apply", "--server-side", ...files] }]
}

// Not by --namespace: as with Helm, an object that names another one goes there.
const INTO_NAMESPACE = 'kubectl apply --server-side -f "$1"; kubectl config set-context --current --namespace="$2"'

// What the canary program will write: rules that Helm leaves out are in nothing that was applied so far. The annotation is RULES_ANNOTATION.
const RULES_TOO = `rules=$(kubectl get httproute "$1" --namespace="$2" --ignore-not-found --output='jsonpath={.metadata.annotations.${RULES_ANNOTATION.replaceAll(".", "\\.")}}')
[ -z "$rules" ] || kubectl patch httproute "$1" --namespace="$2" --type=merge --patch='{"spec":{"rules":'"$rules"'}}'`

// An API server takes a moment until a new policy is in force.
const REFUSED_WITHIN = 40
const UNTIL_REFUSED = `for attempt in $(seq ${REFUSED_WITHIN}); do
  "$@" >/tmp/guard.stdout 2>/tmp/guard.stderr
  status=$?
  [ "$status" = 0 ] || break
  sleep 0.25
done
cat /tmp/guard.stdout
cat /tmp/guard.stderr >&2
exit "$status"`

function environmentSteps({ chart, policies }: ChartsToCheck, { name, namespace, values }: ChartsToCheck["environments"][number]): readonly CheckStep[] {
  const files = [...values.map((path) => `${CHECK_FOLDERS.tree}/${joinPath(path)}`), `${CHECK_FOLDERS.releases}/${name}.json`]
  const release = { name: chart.release, namespace, chart: `${CHECK_FOLDERS.tree}/${joinPath(chart.path)}`, values: files }
  const rendered = `${CHECK_FOLDERS.rendered}/${name}.yaml`
  const guard = ["kubectl", "create", "--dry-run=server", "-f", `${CHECK_FOLDERS.guards}/${name}.json`]
  const account = policies?.deployer === undefined ? [] : [`--as=system:serviceaccount:${namespace}:${policies.deployer}`]
  const step = (kind: CheckKind, argv: Command, more: Partial<CheckStep> = {}): CheckStep => ({ name: `${kind}:${name}`, kind, environment: name, argv, ...more })
  return [
    step("lint", helmLintArguments(release)),
    step("render", helmRenderArguments(release), { stdoutFile: rendered }),
    step("namespace", ["sh", "-euc", INTO_NAMESPACE, "namespace", `${CHECK_FOLDERS.namespaces}/${name}.json`, namespace]),
    ...(policies === null ? [] : [step("guard", guard, { runs: ["sh", "-c", UNTIL_REFUSED, "until-refused", ...guard], refused: true })]),
    // In earnest, not as a dry run: objects of one release need each other, as a pod its service account. The server ends with the check.
    step("accept", ["kubectl", "apply", "--server-side", "--validate=strict", ...account, "-f", rendered]),
    step("rules", ["sh", "-euc", RULES_TOO, "rules", chart.release, namespace]),
  ]
}

/** What nobody should let in: a privileged Deployment of the host's network, by a tag, without limits, as the account that every pod has. */
export function guardManifest(namespace: string): string {
  const container = { name: "guard", image: "docker.io/library/guard:latest", securityContext: { privileged: true } }
  const labels = { app: "delivery-guard" }
  const template = { metadata: { labels }, spec: { hostNetwork: true, containers: [container] } }
  return JSON.stringify({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "delivery-guard", namespace }, spec: { selector: { matchLabels: labels }, template } })
}
