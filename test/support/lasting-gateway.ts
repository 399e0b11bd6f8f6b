// The lasting cluster has one gateway, and two releases with the same paths on it would answer each other's users.

type Kubectl = (...argv: string[]) => string

/** Takes away what a killed run of the same test has left, and refuses a gateway that somebody else's release is behind. */
export function claimGateway(kubectl: Kubectl, namespace: string): void {
  kubectl("delete", "namespace", namespace, "--ignore-not-found", "--timeout=120s")
  const others = kubectl("get", "httproutes", "--all-namespaces", "-o", "jsonpath={range .items[*]}{.metadata.namespace} {end}").split(" ").filter((name) => name !== "")
  if (others.length > 0) throw new Error(`the lasting cluster's gateway has routes of ${[...new Set(others)].join(", ")}: a test of ${namespace} would reach them. Wait until their test has ended, or remove what it has left: kubectl delete namespace ${others[0]}`)
}
