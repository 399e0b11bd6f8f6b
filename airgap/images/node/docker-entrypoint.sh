#!/bin/sh
# As in the published image: a first argument that is an option or no command is for node.
set -eu
case ${1-} in
  -*) set -- node "$@" ;;
  *) command -v "${1-node}" >/dev/null 2>&1 || set -- node "$@" ;;
esac
exec "$@"
