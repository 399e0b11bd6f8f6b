import { describe, expect, it } from "vitest"
import { helmSecretPath, helmSecretsQuery, storedObjects, storedRevisions } from "../../../src/core/deploy/helm-storage.js"

const RELEASE = { name: "shop", namespace: "shop-staging", chart: "", values: [] }
const secret = (version: string, status: string) => ({ metadata: { creationTimestamp: `2026-11-23T10:00:0${version}Z`, labels: { name: "shop", owner: "helm", version, status } } })

describe("what Helm keeps in the cluster", () => {
  it("is found by the labels of the release", () => {
    expect(helmSecretsQuery(RELEASE)).toBe("/api/v1/namespaces/shop-staging/secrets?labelSelector=owner%3Dhelm%2Cname%3Dshop")
    expect(helmSecretPath(RELEASE, 7)).toBe("/api/v1/namespaces/shop-staging/secrets/sh.helm.release.v1.shop.v7")
  })

  it("gives the revisions by number, not by name", () => {
    const items = [secret("1", "superseded"), secret("10", "pending-upgrade"), secret("9", "deployed")]
    expect(storedRevisions(items).map(({ revision, status }) => `${revision} ${status}`)).toEqual(["1 superseded", "9 deployed", "10 pending-upgrade"])
    for (const none of [[], null]) expect(storedRevisions(none)).toEqual([])
    expect(storedRevisions([{ metadata: { creationTimestamp: "", labels: {} } }])).toEqual([])
  })

  it("holds the manifest and the hooks that going back writes again", () => {
    expect(storedObjects(JSON.stringify({ manifest: "kind: Service", hooks: [{ manifest: "kind: Job" }] }))).toBe("kind: Service\n---\nkind: Job")
    expect(storedObjects(JSON.stringify({ manifest: "kind: Service", hooks: null }))).toBe("kind: Service")
  })
})
