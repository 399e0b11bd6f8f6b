/** What the script says on stderr in the end. The service's own words, of both its streams, go to stdout. */
export const START_REPORT = /^delivery-start (answered|exited|unanswered) (\d+) (\d+) ?(.*)$/m

/**
 * Starts a service, asks its health path until it answers 200, and stops it again.
 * Arguments: port, path, seconds, and then the command. Ends with 0 once the service has answered, else with 1.
 * For bash 5, which speaks HTTP and reads the clock by itself: the image of the service needs no other program for it.
 */
export const START_SCRIPT = String.raw`port=$1 path=$2 limit_ms=$(($3 * 1000))
shift 3

now_ms() {
  local seconds micros
  IFS=., read -r seconds micros <<<"$EPOCHREALTIME"
  echo $((seconds * 1000 + 10#$micros / 1000))
}
report() { echo "delivery-start $*" >&2; }

# A pipe that nobody writes to: reading from it is a pause that needs no program.
exec {silence}<> <(:)
pause() { read -rt 0.1 -u "$silence" || :; }

# The status of one GET, or what came instead of it.
ask() {
  local line='' version status rest
  {
    printf 'GET %s HTTP/1.1\r\nHost: localhost:%s\r\nUser-Agent: delivery\r\nAccept: */*\r\nConnection: close\r\n\r\n' "$path" "$port" >&3
    IFS= read -rt 5 -u 3 line || :
    IFS=$' \r' read -r version status rest <<<"$line"
    case $version in
      HTTP/*) echo "status $status" ;;
      '') echo "a connection without an answer" ;;
      *) echo "an answer that is not HTTP" ;;
    esac
  } 3<>"/dev/tcp/$1/$port"
} 2>/dev/null

# From the kernel's tables: "0: ADDRESS:PORT PEER:PORT STATE …" in hexadecimal. Ports of the arguments are left out.
listening_ports() {
  local table slot address number peer peer_port state rest known=" $* "
  for table in /proc/net/tcp /proc/net/tcp6; do
    [ -r "$table" ] || continue
    while IFS=': ' read -r slot address number peer peer_port state rest; do
      [ "$state" = 0A ] || continue
      case $known in *" $((16#$number)) "*) ;; *) echo -n "$((16#$number)) " ;; esac
    done <"$table"
  done
}

# The engine listens in the container too.
engines_ports=$(listening_ports)

# In a process group of its own, so that what the command starts ends with it.
began_ms=$(now_ms)
set -m
"$@" </dev/null 2>&1 &
service=$!
set +m
stop() {
  local tries
  kill -TERM -- "-$service"
  for ((tries = 0; tries < 20; tries++)); do
    kill -0 -- "-$service" || return 0
    pause
  done
  kill -KILL -- "-$service"
} 2>/dev/null

while :; do
  said=$(ask 127.0.0.1) || said=$(ask ::1) || said="nothing listens on this port"
  elapsed_ms=$(($(now_ms) - began_ms))
  if [ "$said" = "status 200" ]; then
    report answered 0 "$elapsed_ms"
    stop
    exit 0
  fi
  if ! kill -0 "$service" 2>/dev/null; then
    code=0
    wait "$service" 2>/dev/null || code=$?
    report exited "$code" "$elapsed_ms"
    exit 1
  fi
  if [ "$elapsed_ms" -ge "$limit_ms" ]; then
    report unanswered 0 "$elapsed_ms" "$said; listening: $(listening_ports $engines_ports)"
    stop
    exit 1
  fi
  pause
done
`
