/** Labels that say whose a namespace is. */
export const OWNER_LABELS = { project: "delivery.dev/project", environment: "delivery.dev/environment" } as const

/** The namespace with the Pod Security that the chart is made for, and with its owner. */
export function namespaceObject(name: string, owner: { readonly project: string; readonly environment: string }): object {
  const security = Object.fromEntries(["enforce", "audit", "warn"].map((mode) => [`pod-security.kubernetes.io/${mode}`, "restricted"]))
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { ...security, [OWNER_LABELS.project]: owner.project, [OWNER_LABELS.environment]: owner.environment } } }
}
