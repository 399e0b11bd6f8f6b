# Keys and certificates. They are made once and kept with the cluster's data, so that a restarted cluster stays the same cluster;
# only the API server's own certificate is made at each start, since it names addresses that may have changed.
make_certificates() {
  umask 077
  if [ ! -d "$tls" ]; then
    rm -rf "$tls.unfinished"
    mkdir -p "$tls.unfinished"
    (cd "$tls.unfinished" && make_authorities && make_clients)
    mv "$tls.unfinished" "$tls"
  fi
  (cd "$tls" && certify ca serving /CN=kube-apiserver "$(serving_names)")
  umask 022
}

make_authorities() {
  local name
  for name in ca front-proxy-ca; do
    new_key "$name"
    openssl req -x509 -new -key "$name.key" -out "$name.crt" -days 3650 -subj "/CN=$name" -addext keyUsage=critical,keyCertSign,cRLSign
  done
  new_key service-account
  # The one credential that leaves the container.
  echo "$(openssl rand -hex 32),admin,admin,system:masters" >tokens.csv
}

make_clients() {
  certify ca kube-controller-manager /CN=system:kube-controller-manager
  certify ca kube-scheduler /CN=system:kube-scheduler
  certify ca kube-proxy /CN=system:kube-proxy
  certify ca kube-apiserver /O=system:masters/CN=kube-apiserver-kubelet-client
  certify ca kubelet "/O=system:nodes/CN=system:node:$node"
  certify front-proxy-ca front-proxy /CN=front-proxy-client
}

# certify AUTHORITY NAME SUBJECT [NAMES]: with NAMES it is a server's certificate, else a client's
certify() {
  local extensions=extendedKeyUsage=clientAuth
  [ -z "${4-}" ] || extensions=$(printf 'extendedKeyUsage=serverAuth\nsubjectAltName=%s' "$4")
  new_key "$2"
  openssl req -new -key "$2.key" -subj "$3" |
    openssl x509 -req -CA "$1.crt" -CAkey "$1.key" -set_serial "0x$(openssl rand -hex 16)" -days 3650 -out "$2.crt" \
      -extfile <(echo "$extensions") 2>>"$log/openssl.log"
}

new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }

serving_names() {
  local name names=DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc
  names+=,DNS:kubernetes.default.svc.${option[cluster-domain]},IP:127.0.0.1,IP:$(first_address "${option[service-cidr]}")
  for name in localhost "$node" "$node_ip" "${tls_sans[@]}"; do
    if [[ $name =~ ^[0-9.]+$|: ]]; then names+=,IP:$name; else names+=,DNS:$name; fi
  done
  echo "$names"
}

# write_kubeconfig FILE USER: "admin" by token, any other by its certificate
write_kubeconfig() {
  local user="{client-certificate: $tls/$2.crt, client-key: $tls/$2.key}"
  [ "$2" != admin ] || user="{token: $(cut -d, -f1 "$tls/tokens.csv")}"
  (umask 077; cat >"$1.unfinished") <<K
apiVersion: v1
kind: Config
clusters: [{name: default, cluster: {server: "https://127.0.0.1:$api_port", certificate-authority-data: $(base64 -w0 "$tls/ca.crt")}}]
users: [{name: default, user: $user}]
contexts: [{name: default, context: {cluster: default, user: default}}]
current-context: default
K
  mv "$1.unfinished" "$1"
}
