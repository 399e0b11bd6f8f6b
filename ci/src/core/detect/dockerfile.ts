/** The first port that a Dockerfile exposes; null when there is none, or when a variable holds it. */
export function exposedPort(dockerfile: string): number | null {
  const port = /^\s*EXPOSE\s+(\d{1,5})(?:\/tcp)?\b/im.exec(dockerfile)?.[1]
  return port === undefined ? null : Number(port)
}
