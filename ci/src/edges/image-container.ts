import { dag, type Container } from "@dagger.io/dagger"

/**
 * A container of an image. Where the engine has certificate authorities of its own, such as a company's, it runs this
 * program before and after every exec, for seconds in all; without it the engine adds them to the bundle by itself, at once.
 */
export function containerOf(image: string): Container {
  return dag.container().from(image).withoutFile("/usr/sbin/update-ca-certificates")
}
