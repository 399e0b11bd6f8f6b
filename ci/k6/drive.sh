#!/bin/sh
# One load test: a few iterations first, then the load. All that is measured lies in the store from the first second on, so that
# an interrupted call loses nothing; at the end it is copied to /out. How k6 ended is in the files <phase>.exit; this script ends with 0.
set -u
cd /load || exit 1
live=$DELIVERY_STORE/live/$DELIVERY_RUN_ID/perf/$ENVIRONMENT
out=$DELIVERY_OUT
rm -rf "$live"
mkdir -p "$live" "$out/good"
cp plan.json "$live/"
cp "$DELIVERY_STORE/good/$ENVIRONMENT/$DELIVERY_LOAD_KEY/"*.json "$out/good/" 2>/dev/null # none before the first good run
export K6_AUTO_EXTENSION_RESOLUTION=false LC_ALL=C

phase() { # name, settings for the harness
  DELIVERY_PHASE=$1 DELIVERY_LOAD=$2 DELIVERY_SUMMARY=$live/$1.json
  export DELIVERY_PHASE DELIVERY_LOAD DELIVERY_SUMMARY
  timeout -s INT -k 30 "$DELIVERY_LIMIT_SECONDS" k6 run --no-usage-report --quiet --log-format raw main.ts 2>"$live/$1.log"
  status=$?
  echo "$status" >"$live/$1.exit"
  return "$status"
}

if phase warm-up "$DELIVERY_WARM_UP_SETTINGS" && [ "$DELIVERY_DISTRIBUTED" != 0 ]; then
  # Other machines send the load: all that k6 needs for it, as one file.
  DELIVERY_PHASE=load DELIVERY_LOAD=$DELIVERY_LOAD_SETTINGS DELIVERY_SUMMARY=stdout k6 archive --include-system-env-vars --archive-out "$out/archive.tar" main.ts 2>"$live/load.log" || exit 1
  base64 -w 0 "$out/archive.tar" >"$live/archive.b64"
  rm -f "$out/archive.tar"
elif [ "$(cat "$live/warm-up.exit")" = 0 ]; then
  export K6_WEB_DASHBOARD=true K6_WEB_DASHBOARD_PORT=-1 K6_WEB_DASHBOARD_PERIOD="${DELIVERY_PERIOD_SECONDS}s"
  export K6_WEB_DASHBOARD_RECORD="$live/series.ndjson" K6_WEB_DASHBOARD_EXPORT="$live/k6.html"
  : >"$live/series.ndjson"
  # Not one awk that reads along: some keep what comes through a pipe until they have 4 kB.
  while sleep "$DELIVERY_PROGRESS_SECONDS"; do
    awk -v name="perf ($ENVIRONMENT)" -v total="$DELIVERY_TOTAL_SECONDS" -v limit="$DELIVERY_P95_LIMIT" -f k6/progress.awk "$live/series.ndjson"
  done &
  progress=$!
  phase load "$DELIVERY_LOAD_SETTINGS"
  kill "$progress"
fi
cp -R "$live/." "$out/"
# What was measured stays for a while, should the call end before it has been written to the run.
cd "$DELIVERY_STORE/live" && ls -1t | tail -n +6 | while read -r old; do rm -rf "$old"; done
exit 0
