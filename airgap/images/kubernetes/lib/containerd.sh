# containerd's settings, its registries and the pod network.
write_containerd_settings() {
  write_registries "${option[private-registry]}"
  write_pod_network
  cat >"$run/containerd.toml" <<C
version = 2
root = "$data/agent/containerd"
state = "$run/containerd"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${option[pause-image]}"
  restrict_oom_score_adj = true
  enable_unprivileged_ports = true
  enable_unprivileged_icmp = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "$(snapshotter)"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$run/cni"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "$run/certs.d"
C
}

snapshotter() {
  if [ -n "${option[snapshotter]}" ]; then echo "${option[snapshotter]}"
  elif [ "$(stat --file-system --format %T "$data")" != overlayfs ]; then echo overlayfs
  else
    echo "k3s: $data is on an overlay, where containers need full copies of their images; mount a volume or a tmpfs there" >&2
    echo native
  fi
}

# k3s's registries.yaml, here as JSON, to one hosts.toml for each registry.
write_registries() {
  local settings=$1 registry
  [ -e "$settings" ] || return 0
  jq empty "$settings" 2>"$log/registries.log" || refuse "$settings: expected JSON (which is YAML too): $(cat "$log/registries.log")"
  jq -e '(keys - ["mirrors"] == []) and all(.mirrors[]; keys == ["endpoint"])' "$settings" >"$log/registries.log" ||
    refuse "$settings: expected {\"mirrors\": {REGISTRY: {\"endpoint\": [URL]}}} and no other keys, got $(jq -c . "$settings")"
  jq -r '.mirrors | keys[]' "$settings" | while read -r registry; do
    mkdir -p "$run/certs.d/${registry/#\*/_default}"
    jq -r --arg registry "$registry" '.mirrors[$registry].endpoint[] |
      "[host.\"\(.)\"]\n  capabilities = [\"pull\", \"resolve\"]" + (if test("^https?://[^/]+/.") then "\n  override_path = true" else "" end)' \
      "$settings" >"$run/certs.d/${registry/#\*/_default}/hosts.toml"
  done
}

# Addresses of the pods of an earlier start are free again: those pods died with it.
write_pod_network() {
  rm -rf "$run/addresses"
  cat >"$run/cni/10-pods.conflist" <<C
{"cniVersion": "0.4.0", "name": "pods", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "$run/addresses", "ranges": [[{"subnet": "${option[cluster-cidr]}"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}
]}
C
}
