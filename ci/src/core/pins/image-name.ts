/** An image as written somewhere: `node`, `docker.io/library/node:24`, `host:5000/a/b@sha256:…`. */
export interface ImageName {
  /** Host of its registry; Docker Hub's is written out. */
  readonly registry: string
  readonly repository: string
  readonly tag: string | null
  readonly digest: string | null
}

export const DOCKER_HUB = "docker.io"
const DOCKER_HUB_NAMES = [DOCKER_HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"]

/** Null for what is no reference, such as a variable. */
export function parseImageName(text: string): ImageName | null {
  const [, name = "", tag, digest] = /^((?:[a-zA-Z0-9][\w.-]*(?::\d+)?\/)?[a-zA-Z0-9][\w.-]*(?:\/[\w.-]+)*)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(text) ?? []
  if (name === "") return null
  const [first = "", ...rest] = name.split("/")
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost")
  const registry = hasHost ? first : DOCKER_HUB
  const path = hasHost ? rest : [first, ...rest]
  const isHub = DOCKER_HUB_NAMES.includes(registry)
  const repository = isHub && path.length === 1 ? `library/${path[0]}` : path.join("/")
  return { registry: isHub ? DOCKER_HUB : registry, repository, tag: tag ?? null, digest: digest ?? null }
}

/** One name for what is one image, whatever short way it is written. */
export const imageKeyOf = ({ registry, repository }: ImageName): string => `${registry}/${repository}`
