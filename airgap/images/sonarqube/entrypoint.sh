#!/bin/sh
# As in the published image: settings alone, or nothing, are for the server.
set -eu
case ${1--} in
  -*) set -- java -jar lib/sonarqube.jar -Dsonar.log.console=true "$@" ;;
esac
exec "$@"
