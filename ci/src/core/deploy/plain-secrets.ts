import { asList, asMap, isSecretName, objectKey, type KubeObject } from "./kube-object.js"
import type { Finding } from "../run.js"

/** What a chart has rendered with a secret in clear: whoever can read the repository or Helm's history can read it. Values are not shown. */
export function plainSecrets(rendered: readonly KubeObject[]): readonly Finding[] {
  return rendered.flatMap((object) => {
    const places = object.kind === "Secret" ? [...namesOf(object, "data"), ...namesOf(object, "stringData")] : environmentOfPods(object)
    return places.map((place): Finding => ({
      severity: "high",
      rule: "secret in clear",
      message: `${objectKey(object)}: ${place} has its value in the chart's values; expected an ExternalSecret, or a reference to a Secret that is made outside the chart`,
      file: null,
      line: null,
    }))
  })
}

const namesOf = (object: KubeObject, field: string): readonly string[] =>
  Object.entries(asMap(object[field])).flatMap(([name, value]) => (value === "" || value === null ? [] : [`${field}.${name}`]))

/** Variables of containers whose names say that they are secret, with a literal value; at any depth, for a CronJob has its pod deep down. */
function environmentOfPods(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(environmentOfPods)
  const map = asMap(value)
  const own = asList(map["env"]).flatMap((variable) => {
    const { name, value: text } = asMap(variable)
    return typeof name === "string" && isSecretName(name) && typeof text === "string" && text !== "" ? [`env ${name} of container ${String(map["name"])}`] : []
  })
  return [...own, ...Object.values(map).flatMap(environmentOfPods)]
}
