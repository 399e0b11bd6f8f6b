#!/bin/sh
# Certificates for an engine and its runners, where no cert-manager makes them. usage: certificates.sh FOLDER HOST RUNNER...
# HOST is the name or address by which the runners reach the engine. Run again with other runners, it keeps authority and engine.
set -eu
umask 077
folder=$1 host=$2
shift 2
mkdir -p "$folder"
cd "$folder"
case $host in *[!0-9.]*) name=DNS:$host ;; *) name=IP:$host ;; esac

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }

# name of the files, common name, extensions
issue() {
  key "$1.key"
  printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n%s\n' "$3" >"$1.ext"
  openssl req -new -key "$1.key" -subj "/CN=$2" | openssl x509 -req -CA ca.crt -CAkey ca.key -CAcreateserial -days 90 -extfile "$1.ext" -out "$1.crt" 2>/dev/null
  rm "$1.ext"
}

if [ ! -f ca.key ]; then
  key ca.key
  openssl req -x509 -new -key ca.key -subj "/CN=dagger runners" -days 3650 -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign -out ca.crt
fi
[ -f engine.crt ] || issue engine engine "extendedKeyUsage=serverAuth
subjectAltName=$name"
for runner in "$@"; do
  issue "$runner" "$runner" extendedKeyUsage=clientAuth
done
