#!/bin/sh
{ [ $# = 1 ] || [ $# = 2 ]; } && [ "$1" ] || { echo "usage: $0 ENVIRONMENT [REVISION]" >&2; exit 2; }
CDPATH= cd -- "$(dirname -- "$0")/.." && exec ./daggerw call rollback --environment "$1" ${2+--revision "$2"}
