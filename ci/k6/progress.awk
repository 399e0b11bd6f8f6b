# One line of progress from what k6's dashboard has recorded until now: one JSON object a line, and in a snapshot one list of values
# for each metric known so far, in the order of their names.
!/}$/ { next } # being written just now
/"event":"param"/ && match($0, /"trend":\[[^]]*\]/) {
  count = split(substr($0, RSTART + 9, RLENGTH - 10), stats, ",")
  for (i = 1; i <= count; i++) if (stats[i] == "\"p(95)\"") p95 = i
}
/"event":"start"/ { text = $0; gsub(/[^0-9]/, "", text); start = text / 1000 }
/"event":"metric"/ {
  text = $0
  while (match(text, /"[^"]+":\{"type"/)) {
    add(substr(text, RSTART + 1, index(substr(text, RSTART + 1), "\"") - 1))
    text = substr(text, RSTART + RLENGTH)
  }
}
/"event":"cumulative"/ { read(); errors = value("http_req_failed", 1) }
/"event":"snapshot"/ {
  read()
  seconds = value("time", 1) / 1000 - start
  # A gauge that nobody touched in an interval is left out.
  if ("vus" in found) users = value("vus", 1)
  rate = value("http_reqs", 2)
  slow = value("http_req_duration", p95)
}
END { if (seconds > 0) printf "%s: %s of %s, %d users, %.1f requests/s, p95 %.0f ms (limit %s ms), errors %.2g %%\n", name, clock(seconds), clock(total), users, rate, slow, limit, errors * 100 }
function add(metric,  i) {
  for (i = ++known; i > 1 && names[i - 1] > metric; i--) names[i] = names[i - 1]
  names[i] = metric
}
function read(  text, count, i) {
  text = $0
  sub(/^.*"data":\[\[/, "", text)
  sub(/\]\].*$/, "", text)
  count = split(text, lists, /\],\[/)
  for (i in found) delete found[i]
  for (i = 1; i <= count; i++) found[names[i]] = lists[i]
}
function value(metric, place,  parts) {
  if (!(metric in found)) return 0
  split(found[metric], parts, ",")
  return parts[place] + 0
}
function clock(seconds) { return sprintf("%d:%02d", int(seconds / 60), int(seconds) % 60) }
