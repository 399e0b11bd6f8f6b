import type { ExecOutcome } from "../gates/exec.js"
import { shellWord } from "../shell-word.js"
import { CHECK_FOLDERS, type CheckStep } from "./check-steps.js"

/** Not a step of the plan: the API server's own start. */
export const SERVER_STEP = "server"
const REFUSED_WITHIN = 40
const READY_WITHIN = 400

/**
 * A script that starts a bare API server, with nothing behind it that would run a pod, then takes all steps, also after a failed one,
 * and prints of each its name, exit code, stdout and stderr, between control characters that no tool prints.
 */
export function checkScript(steps: readonly CheckStep[], timeoutSeconds: number): string {
  const lines = steps.map(({ name, argv, stdoutFile = "/tmp/stdout", untilRefused = false }) =>
    [untilRefused ? "refused" : "step", name, stdoutFile, ...argv].map(shellWord).join(" "),
  )
  return `#!/bin/sh
set -u
mkdir -p ${CHECK_FOLDERS.rendered} /tmp/server
export KUBECONFIG=/tmp/server/kubeconfig HOME=/tmp HELM_CACHE_HOME=/tmp/helm
tell() { printf '\\036%s\\037%s\\037' "$1" "$2"; if [ "$3" = /tmp/stdout ]; then cat /tmp/stdout; fi; printf '\\037'; cat /tmp/stderr; }
step() {
  name=$1 stdout=$2
  shift 2
  timeout -k 5 ${timeoutSeconds} "$@" >"$stdout" 2>/tmp/stderr
  tell "$name" $? "$stdout"
}
refused() {
  name=$1 stdout=$2
  shift 2
  for attempt in $(seq ${REFUSED_WITHIN}); do
    timeout -k 5 ${timeoutSeconds} "$@" >"$stdout" 2>/tmp/stderr
    status=$?
    [ "$status" = 0 ] || break
    sleep 0.25
  done
  tell "$name" "$status" "$stdout"
}
${SERVER_SCRIPT}
start_server >/tmp/server/log 2>&1
for attempt in $(seq ${READY_WITHIN}); do
  kubectl get --raw /readyz >/tmp/stdout 2>/tmp/stderr && break
  sleep 0.1
done
if ! kubectl version -o json >/tmp/stdout 2>/tmp/stderr; then
  tail -n 20 /tmp/server/* >>/tmp/stderr 2>&1
  tell ${SERVER_STEP} 1 /tmp/stdout
  exit 0
fi
tell ${SERVER_STEP} 0 /tmp/stdout
${lines.join("\n")}
exit 0
`
}

// Whatever program the image has: the parts themselves, or k3s without the part that runs pods.
const SERVER_SCRIPT = `start_server() {
  cd /tmp/server || return
  if ! command -v kube-apiserver >/dev/null; then
    k3s server --disable-agent --disable=traefik,coredns,servicelb,metrics-server,local-storage --data-dir=/tmp/server/k3s --write-kubeconfig="$KUBECONFIG" >k3s.log 2>&1 &
    return
  fi
  openssl genrsa -out accounts.key 2048
  echo "$(openssl rand -hex 32),admin,admin,system:masters" >tokens.csv
  etcd --data-dir=etcd --unsafe-no-fsync --listen-client-urls=http://127.0.0.1:2379 --advertise-client-urls=http://127.0.0.1:2379 --listen-peer-urls=http://127.0.0.1:2380 >etcd.log 2>&1 &
  kube-apiserver --etcd-servers=http://127.0.0.1:2379 --secure-port=6443 --bind-address=127.0.0.1 --advertise-address=127.0.0.1 --cert-dir=certificates \\
    --token-auth-file=tokens.csv --authorization-mode=RBAC --allow-privileged=true --service-cluster-ip-range=10.96.0.0/16 --service-account-issuer=https://kubernetes.default.svc \\
    --service-account-key-file=accounts.key --service-account-signing-key-file=accounts.key >kube-apiserver.log 2>&1 &
  echo "{apiVersion: v1, kind: Config, current-context: check, contexts: [{name: check, context: {cluster: check, user: check}}], clusters: [{name: check, cluster: {server: 'https://127.0.0.1:6443', insecure-skip-tls-verify: true}}], users: [{name: check, user: {token: $(cut -d, -f1 tokens.csv)}}]}" >"$KUBECONFIG"
}`

/** What the script printed, by step; a step that is not there was never reached. */
export function checkOutcomes(stdout: string, steps: readonly CheckStep[]): ReadonlyMap<string, ExecOutcome> {
  const argvOf = new Map(steps.map(({ name, argv }) => [name, argv]))
  const records = stdout.split("\x1e").slice(1).map((record) => record.split("\x1f"))
  return new Map(
    records.map(([name = "", code = "", said = "", complained = ""]) => {
      const exitCode = /^\d+$/.test(code) ? Number(code) : -1
      return [name, { argv: argvOf.get(name) ?? ["kube-apiserver"], exitCode, stdout: said, stderr: complained }]
    }),
  )
}
