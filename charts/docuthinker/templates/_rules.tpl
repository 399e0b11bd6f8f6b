{{/*
docuthinker.rules: the rules of the HTTPRoute as a JSON list: for each path one that splits the requests, the live track first, the others at 0,
and one for each other track that leads to it on purpose, whatever its weight. Longest path first, so the order never depends on the services' names.
*/}}
{{- define "docuthinker.rules" -}}
{{- $paths := dict -}}
{{- range $name, $service := .Values.services -}}
{{- range $path := $service.routes -}}
{{- $key := printf "%04d %s" (sub 9999 (len $path)) $path -}}
{{- if hasKey $paths $key -}}
{{- fail (printf "services.%s.routes: %q is already a route of services.%s; each path belongs to one service" $name $path (get (get $paths $key) "service")) -}}
{{- end -}}
{{- $_ := set $paths $key (dict "path" $path "service" $name) -}}
{{- end -}}
{{- end -}}
{{- $rules := list -}}
{{- range $key := keys $paths | sortAlpha -}}
{{- $name := (get $paths $key).service -}}
{{- $path := dict "path" (dict "type" "PathPrefix" "value" (get $paths $key).path) -}}
{{- $backend := dict "group" "" "kind" "Service" "name" (include "docuthinker.fullname" (dict "root" $ "name" $name)) "port" 80 -}}
{{- $split := list (merge (dict "weight" 100) $backend) -}}
{{- range $track := ternary (include "docuthinker.serviceTracks" (dict "root" $ "name" $name) | fromJsonArray) list (eq $.Values.tracks.router "gateway") -}}
{{- $other := merge (dict "name" (printf "%s-%s" $backend.name $track)) $backend -}}
{{- $split = append $split (merge (dict "weight" 0) $other) -}}
{{- $matches := list -}}
{{- with $.Values.gateway.trackHeader -}}
{{- $matches = append $matches (merge (dict "headers" (list (dict "type" "Exact" "name" . "value" $track))) $path) -}}
{{- end -}}
{{- with $.Values.gateway.trackCookie -}}
{{- $matches = append $matches (merge (dict "headers" (list (dict "type" "RegularExpression" "name" "Cookie" "value" (printf "^(.*; *)?%s=%s(;.*)?$" . $track)))) $path) -}}
{{- end -}}
{{- if $matches -}}
{{- $rules = append $rules (dict "matches" $matches "backendRefs" (list (merge (dict "weight" 100) $other))) -}}
{{- end -}}
{{- end -}}
{{- $rules = append $rules (dict "matches" (list $path) "backendRefs" $split) -}}
{{- end -}}
{{- if gt (len $rules) 16 -}}
{{- fail (printf "services: %d rules in all, one for each route and one more for each track that it is on; expected at most 16, which one HTTPRoute can hold" (len $rules)) -}}
{{- end -}}
{{- toJson $rules -}}
{{- end }}
