#!/bin/sh
# As in the published image: options alone, or nothing, are for the scanner.
set -eu
case ${1--} in
  -*) set -- sonar-scanner "$@" ;;
esac
exec "$@"
