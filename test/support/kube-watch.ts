import { spawn } from "node:child_process"

/** Objects of the cluster, each as it is and then at each change, as the API server tells them; `argv`: what `kubectl get` is to watch. */
export function watchObjects<Item>(kubeconfigFile: string, argv: readonly string[], seen: (object: Item) => void): { readonly close: () => void } {
  const child = spawn("kubectl", ["get", ...argv, "--watch", "-o", "json"], { env: { ...process.env, KUBECONFIG: kubeconfigFile }, stdio: ["ignore", "pipe", "inherit"] })
  let rest = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    // kubectl indents what is inside, so a brace at the margin ends an object.
    const objects = (rest + text).split(/(?<=^})\n/m)
    rest = objects.pop() ?? ""
    for (const object of objects) seen(JSON.parse(object) as Item)
  })
  return { close: () => void child.kill() }
}
