import { InternalError } from "../errors.js"

const PLACEHOLDER = /delivery\.dev\/image\/([a-z0-9-]+)/g

/** A platform manifest with its image placeholders filled in. */
export function withPlatformImages(manifest: string, images: Readonly<Record<string, string>>): string {
  return manifest.replace(PLACEHOLDER, (placeholder, key: string) => {
    const ref = images[key]
    if (ref === undefined) throw new InternalError(`${placeholder}: expected one of ${Object.keys(images).join(", ")} after the last slash`)
    return ref
  })
}
