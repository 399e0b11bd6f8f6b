import type { Step } from "../steps/step.js"
import { CHECK_FOLDERS } from "./check-steps.js"

const READY_WITHIN = 400

/** A bare API server, with nothing behind it that would run a pod, in the background of all steps. */
export const START_CHECK_SERVER = `mkdir -p ${CHECK_FOLDERS.rendered} /tmp/server
export KUBECONFIG=/tmp/server/kubeconfig HOME=/tmp HELM_CACHE_HOME=/tmp/helm
start_server() {
  cd /tmp/server || return
  # Whatever program the image has: the parts themselves, or k3s without the part that runs pods.
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
}
start_server >/tmp/server/log 2>&1`

/** Waits until the server answers; without it nothing else can be asked. Its stdout is the server's version. */
export const CHECK_SERVER: Step = {
  name: "server",
  argv: ["kubectl", "version", "-o", "json"],
  runs: ["sh", "-c", `for attempt in $(seq ${READY_WITHIN}); do
  kubectl get --raw /readyz >/dev/null 2>&1 && break
  sleep 0.1
done
kubectl version -o json && exit
tail -n 20 /tmp/server/* >&2
exit 1`],
  needed: true,
}
