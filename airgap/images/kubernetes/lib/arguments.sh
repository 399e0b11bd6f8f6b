# The command line of `k3s server`.
declare -A option=(
  [service-cidr]=10.96.0.0/16 [cluster-cidr]=10.244.0.0/16 [cluster-dns]=10.96.0.10 [cluster-domain]=cluster.local
  [pause-image]=registry.k8s.io/pause:3.10 [snapshotter]='' [node-name]='' [node-ip]='' [data-dir]=/var/lib/rancher/k3s
  [write-kubeconfig]=/etc/rancher/k3s/k3s.yaml [write-kubeconfig-mode]=600 [https-listen-port]=6443
  [private-registry]=/etc/rancher/k3s/registries.yaml
)
# Arguments for one program, as in --kubelet-arg=max-pods=50; and what may be given several times.
declare -A extra=([etcd]='' [kube-apiserver]='' [kube-controller-manager]='' [kube-scheduler]='' [kubelet]='' [kube-proxy]='')
tls_sans=() disabled=,
# k3s components that this image does not have, so that a caller who did not disable them would miss them.
absent=(traefik coredns servicelb metrics-server local-storage)
# Taken without effect: they govern parts of k3s that are not here, or joining nodes, which is not possible here.
without_effect=' token agent-token flannel-backend egress-selector-mode '
flags_without_effect=' debug disable-cloud-controller disable-helm-controller disable-network-policy cluster-init '

refuse() { echo "k3s: $*" >&2; exit 2; }

read_arguments() {
  local argument name value part
  while [ $# -gt 0 ]; do
    argument=$1; shift
    case $argument in
      -o) name=write-kubeconfig ;; -d) name=data-dir ;; -t) name=token ;;
      --*) name=${argument#--}; name=${name%%=*} ;;
      *) refuse "expected an option of k3s server, got \"$argument\"" ;;
    esac
    if [[ $flags_without_effect == *" $name "* ]]; then continue; fi
    check_known "$name"
    if [[ $argument == *=* ]]; then value=${argument#*=}
    elif [ $# -gt 0 ]; then value=$1; shift
    else refuse "--$name: expected a value"; fi
    take_option "$name" "$value"
  done
  for part in "${absent[@]}"; do
    [[ $disabled == *",$part,"* ]] || refuse "this image has no $part: say so with --disable=$(IFS=,; echo "${absent[*]}")"
  done
}

check_known() {
  [[ -v "option[$1]" || " tls-san disable $without_effect " == *" $1 "* ]] && return
  [[ $1 == *-arg && -v "extra[${1%-arg}]" ]] && return
  refuse "--$1: not an option of this image; it takes $(names "${!option[@]}" tls-san disable $(printf '%s-arg ' "${!extra[@]}")), and without effect $(names $without_effect $flags_without_effect)"
}

take_option() {
  local program=${1%-arg}
  if [ "$1" = disable ]; then disabled+=$2,
  elif [ "$1" = tls-san ]; then tls_sans+=(${2//,/ })
  elif [ -v "option[$1]" ]; then option[$1]=$2
  elif [ -v "extra[$program]" ]; then extra[$program]+=" --$2"
  fi
}

names() { printf -- '--%s\n' "$@" | sort | paste -sd' '; }

# 10.96.0.0/16 -> 10.96.0.1, which the API server takes for itself.
first_address() {
  local a b c d
  IFS=. read -r a b c d <<<"${1%/*}"
  echo "$a.$b.$c.$((d + 1))"
}
