# The programs: how each is started, watched and stopped.
declare -A program_of=()

start() {
  local name=$1; shift
  "$@" ${extra[$name]-} >"$log/$name.log" 2>&1 &
  program_of[$!]=$name
}

start_control_plane() {
  start kube-apiserver kube-apiserver --etcd-servers=http://127.0.0.1:2379 --secure-port="$api_port" --advertise-address="$node_ip" \
    --tls-cert-file="$tls/serving.crt" --tls-private-key-file="$tls/serving.key" --client-ca-file="$tls/ca.crt" --token-auth-file="$tls/tokens.csv" \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true \
    --service-account-issuer="https://kubernetes.default.svc.${option[cluster-domain]}" \
    --service-account-key-file="$tls/service-account.key" --service-account-signing-key-file="$tls/service-account.key" \
    --service-cluster-ip-range="${option[service-cidr]}" \
    --kubelet-client-certificate="$tls/kube-apiserver.crt" --kubelet-client-key="$tls/kube-apiserver.key" --kubelet-preferred-address-types=InternalIP \
    --requestheader-client-ca-file="$tls/front-proxy-ca.crt" --requestheader-allowed-names=front-proxy-client \
    --requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group --requestheader-extra-headers-prefix=X-Remote-Extra- \
    --proxy-client-cert-file="$tls/front-proxy.crt" --proxy-client-key-file="$tls/front-proxy.key"
  for name in kube-controller-manager kube-scheduler kubelet kube-proxy; do write_kubeconfig "$run/$name.conf" "$name"; done
}

start_node() {
  cat >"$run/kubelet.yaml" <<C
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: cgroupfs
cgroupsPerQOS: false
enforceNodeAllocatable: []
failSwapOn: false
failCgroupV1: false
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $tls/ca.crt}}
authorization: {mode: Webhook}
evictionHard: {memory.available: "1Mi"}
imageGCHighThresholdPercent: 100
localStorageCapacityIsolation: false
serializeImagePulls: false
registryPullQPS: 0
podLogsDir: $data/agent/pod-logs
clusterDNS: ["${option[cluster-dns]//,/\", \"}"]
clusterDomain: ${option[cluster-domain]}
C
  start kubelet kubelet --kubeconfig="$run/kubelet.conf" --config="$run/kubelet.yaml" --root-dir="$data/agent/kubelet" \
    --hostname-override="$node" --node-ip="$node_ip"
}

# Started before the API server has its roles, these would be refused and then wait for seconds; the controller manager would even end.
start_controllers() {
  start kube-controller-manager kube-controller-manager --kubeconfig="$run/kube-controller-manager.conf" --leader-elect=false \
    --service-account-private-key-file="$tls/service-account.key" --root-ca-file="$tls/ca.crt" --use-service-account-credentials=true \
    --cluster-cidr="${option[cluster-cidr]}" --cluster-signing-cert-file="$tls/ca.crt" --cluster-signing-key-file="$tls/ca.key"
  start kube-scheduler kube-scheduler --kubeconfig="$run/kube-scheduler.conf" --leader-elect=false
  start kube-proxy kube-proxy --kubeconfig="$run/kube-proxy.conf" --hostname-override="$node" --cluster-cidr="${option[cluster-cidr]}" \
    --conntrack-max-per-core=0 --conntrack-tcp-timeout-established=0 --conntrack-tcp-timeout-close-wait=0
}

wait_for_api() {
  until (: >"/dev/tcp/127.0.0.1/$api_port") 2>/dev/null; do check_programs; sleep 0.1; done
  until kubectl --kubeconfig="$run/kubelet.conf" get --raw=/readyz >/dev/null 2>&1; do check_programs; sleep 0.1; done
}

check_programs() {
  local pid
  for pid in "${!program_of[@]}"; do
    kill -0 "$pid" 2>/dev/null && continue
    wait "$pid" && fail "$pid" 0 || fail "$pid" $?
  done
}

watch_programs() {
  local ended status=0
  wait -n -p ended "${!program_of[@]}" || status=$?
  fail "$ended" "$status"
}

fail() {
  local name=${program_of[$1]}
  echo "k3s: $name ended with status $2; the last lines of $log/$name.log:" >&2
  tail -n 20 "$log/$name.log" >&2
  unset "program_of[$1]"
  stop 1
}

# First what would start containers again, then the containers, then what they and the others need.
stop() {
  trap '' TERM INT
  end 5 kubelet kube-controller-manager kube-scheduler kube-proxy
  ctr --namespace k8s.io tasks list --quiet 2>/dev/null | xargs --no-run-if-empty --max-args=1 --max-procs=8 ctr --namespace k8s.io tasks kill >/dev/null 2>&1 || :
  end 5 kube-apiserver
  end 5 containerd etcd
  exit "$1"
}

# end SECONDS PROGRAM...: asks them to end, then ends them
end() {
  local deadline=$((SECONDS + $1)) pid pids=()
  shift
  for pid in "${!program_of[@]}"; do
    [[ " $* " == *" ${program_of[$pid]} "* ]] && pids+=("$pid")
  done
  [ "${#pids[@]}" -gt 0 ] || return 0
  kill "${pids[@]}" 2>/dev/null || :
  while kill -0 "${pids[@]}" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ]; do sleep 0.1; done
  kill -KILL "${pids[@]}" 2>/dev/null || :
}
