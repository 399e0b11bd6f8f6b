// Names, addresses and folders of the lasting cluster.
import { join } from "node:path"
import { wires } from "../network.mjs"
import { cacheDirectory, paths } from "../paths.mjs"

export const node = "delivery-cluster"
export const registry = "delivery-registry"

export const apiServer = `https://${wires.cluster.guest}:6443`
export const gateway = `http://${wires.cluster.guest}:30080`
export const prometheus = `http://${wires.cluster.guest}:30090`
export const registryAddress = `${wires.cluster.host}:5000`

export const bundle = (name) => join(paths.cluster, name)
/** Its time is that of the container's start. */
export const started = (name) => join(paths.cluster, `${name}.started`)
export const places = {
  // Outside of what `down` removes: a removed file locks nobody out.
  lock: join(cacheDirectory, "locks", "cluster"),
  runcState: join(paths.cluster, "runc"),
  data: join(paths.cluster, "data"),
  images: join(paths.cluster, "images"),
  manifests: join(paths.cluster, "manifests"),
  kubeconfig: join(paths.cluster, "etc", "k3s.yaml"),
  log: (name) => join(paths.log, `${name}.log`),
}
