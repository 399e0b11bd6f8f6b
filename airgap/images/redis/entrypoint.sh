#!/bin/sh
# As in the published image: options or a settings file alone mean redis-server, which runs as the user redis and answers everybody
# unless the settings say otherwise. Debian's own default is to answer the loopback alone.
set -eu
case ${1-} in
  -* | *.conf) set -- redis-server "$@" ;;
esac
[ "${1-}" = redis-server ] || exec "$@"

case ${2-} in
  --help | -h | --version | -v | --test-memory | --check-system | -) ;;
  '' | -*) shift; set -- redis-server --protected-mode no "$@" ;;
  *)
    # A file may name the mode itself, and options that follow it override it.
    if ! grep -qiE '^[[:space:]]*protected-mode[[:space:]]' "$2"; then
      file=$2; shift 2; set -- redis-server "$file" --protected-mode no "$@"
    fi
    ;;
esac

if [ "$(id -u)" = 0 ]; then
  find . ! -user redis -exec chown redis:redis {} +
  exec setpriv --reuid=redis --regid=redis --init-groups --inh-caps=-all -- "$@"
fi
exec "$@"
