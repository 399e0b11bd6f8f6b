#!/bin/sh
[ $# = 1 ] && [ "$1" ] || { echo "usage: $0 ENVIRONMENT, one of delivery.yaml's" >&2; exit 2; }
CDPATH= cd -- "$(dirname -- "$0")/.." && exec ./daggerw call deploy --environment "$1"
