#!/bin/sh
# As in the published image: a settings file alone means "serve".
set -eu
case ${1-} in
  *.yaml | *.yml) set -- registry serve "$@" ;;
  serve | garbage-collect | help | -*) set -- registry "$@" ;;
esac
exec "$@"
