// The answers of a healthy advisory service, by path: question in, answer out. Null where there is no such endpoint.
import { advisoriesFor, advisoryUrl, vulnerableRange } from "./advisories.mjs"

export function answer(path, question) {
  return ENDPOINTS[path]?.(question) ?? null
}

const ENDPOINTS = {
  // npm, yarn 4, pnpm from 11 on
  "/-/npm/v1/security/advisories/bulk": bulk,
  // yarn 1, pnpm up to 10
  "/-/npm/v1/security/audits": audits,
  "/-/npm/v1/security/audits/quick": audits,
  // pip-audit with --vulnerability-service osv
  "/v1/query": osvQuery,
  "/v1/querybatch": ({ queries }) => ({ results: queries.map(osvQuery) }),
}

/** Versions by package → advisories by package. */
function bulk(versionsByName) {
  const entries = Object.entries(versionsByName).map(([name, versions]) => {
    const found = versions.flatMap((version) => advisoriesFor("npm", name, version))
    return [name, [...new Set(found)].map(npmAdvisory)]
  })
  return Object.fromEntries(entries.filter(([, found]) => found.length > 0))
}

const npmAdvisory = (advisory) => ({
  id: advisory.number,
  url: advisoryUrl(advisory),
  title: advisory.title,
  severity: advisory.severity,
  vulnerable_versions: vulnerableRange(advisory),
  cwe: advisory.cwe,
  cvss: advisory.cvss,
})

/** A tree of dependencies → advisories by number, each with the places it was found at. */
function audits(tree) {
  const installed = [...dependenciesOf(tree, [])]
  const advisories = {}
  for (const { name, version, path, dev } of installed) {
    for (const advisory of advisoriesFor("npm", name, version)) {
      const entry = (advisories[advisory.number] ??= { findings: [], ...auditsAdvisory(advisory) })
      const finding = entry.findings.find((known) => known.version === version)
      if (finding === undefined) entry.findings.push({ version, paths: [path], dev, optional: false, bundled: false })
      else finding.paths.push(path)
    }
  }
  return { actions: actionsFor(advisories), advisories, muted: [], metadata: metadataOf(installed, Object.values(advisories)) }
}

function* dependenciesOf({ dependencies = {} }, above) {
  for (const [name, entry] of Object.entries(dependencies)) {
    yield { name, version: entry.version, path: [...above, name].join(">"), dev: entry.dev === true }
    yield* dependenciesOf(entry, [...above, name])
  }
}

const auditsAdvisory = (advisory) => ({
  id: advisory.number,
  title: advisory.title,
  module_name: advisory.package,
  vulnerable_versions: vulnerableRange(advisory),
  patched_versions: `>=${advisory.fixed}`,
  severity: advisory.severity,
  cwe: advisory.cwe,
  cves: advisory.aliases.filter((alias) => alias.startsWith("CVE-")),
  github_advisory_id: advisory.id,
  cvss: advisory.cvss,
  overview: advisory.title,
  recommendation: `Upgrade to version ${advisory.fixed} or later`,
  references: `- ${advisoryUrl(advisory)}`,
  access: "public",
  found_by: null,
  reported_by: null,
  created: "2020-07-15T19:15:48.000Z",
  updated: "2023-01-09T05:01:43.000Z",
  deleted: null,
  metadata: null,
  npm_advisory_id: null,
  url: advisoryUrl(advisory),
})

/** yarn 1 prints the advisories that an action names, and no others. */
const actionsFor = (advisories) =>
  Object.values(advisories).map(({ id, module_name: module, patched_versions: target, findings }) => ({
    action: "update",
    module,
    target,
    isMajor: false,
    resolves: findings.flatMap(({ paths, dev }) => paths.map((path) => ({ id, path, dev, optional: false, bundled: false }))),
  }))

function metadataOf(installed, advisories) {
  const count = (severity) => advisories.filter((advisory) => advisory.severity === severity).length
  const severities = ["info", "low", "moderate", "high", "critical"]
  return {
    vulnerabilities: Object.fromEntries(severities.map((severity) => [severity, count(severity)])),
    dependencies: installed.length,
    devDependencies: 0,
    optionalDependencies: 0,
    totalDependencies: installed.length,
  }
}

function osvQuery({ package: { name, ecosystem }, version }) {
  const vulns = advisoriesFor(ecosystem, name, version).map((advisory) => ({
    schema_version: "1.6.0",
    id: advisory.id,
    aliases: advisory.aliases,
    summary: advisory.title,
    details: advisory.title,
    modified: "2023-01-09T05:01:43.000Z",
    published: "2018-10-09T17:29:00.000Z",
    affected: [{ package: { name, ecosystem }, ranges: [{ type: "ECOSYSTEM", events: [{ introduced: advisory.introduced }, { fixed: advisory.fixed }] }] }],
  }))
  return vulns.length === 0 ? {} : { vulns }
}
