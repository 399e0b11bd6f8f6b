{{/*
A service runs on tracks: stable, and beside it canary, blue or green, a new release or the colour that is live.
An instance is one service on one track: what a Deployment is made of.
*/}}

{{/* docuthinker.tracks: the tracks beside stable that are there, as a JSON list. */}}
{{- define "docuthinker.tracks" -}}
{{- $tracks := list -}}
{{- range $track := list "canary" "blue" "green" -}}
{{- if (index $.Values.tracks $track).enabled -}}
{{- $tracks = append $tracks $track -}}
{{- end -}}
{{- end -}}
{{- if and $tracks (not .Values.tracks.enabled) -}}
{{- fail (printf "tracks.%s.enabled: expected tracks.enabled: true with it, which is who keeps the weights and takes them away; got false" (first $tracks)) -}}
{{- end -}}
{{- toJson $tracks -}}
{{- end }}

{{/* docuthinker.serviceTracks: the tracks beside stable that one service is on, as a JSON list. */}}
{{- define "docuthinker.serviceTracks" -}}
{{- $tracks := list -}}
{{- range $track := include "docuthinker.tracks" .root | fromJsonArray -}}
{{- if hasKey ((index $.root.Values.tracks $track).services | default dict) $.name -}}
{{- $tracks = append $tracks $track -}}
{{- end -}}
{{- end -}}
{{- toJson $tracks -}}
{{- end }}

{{/* docuthinker.peer: the Service that an instance calls: on its own track where the peer is there, else whatever is live. */}}
{{- define "docuthinker.peer" -}}
{{- $fullname := include "docuthinker.fullname" . -}}
{{- if has .track (include "docuthinker.serviceTracks" . | fromJsonArray) }}{{ $fullname }}-{{ .track }}{{ else }}{{ $fullname }}{{ end -}}
{{- end }}

{{/* docuthinker.instances: everything that runs, as a JSON list of {name, track, fullname, commit, service}. */}}
{{- define "docuthinker.instances" -}}
{{- $instances := list -}}
{{- range $track := include "docuthinker.tracks" . | fromJsonArray -}}
{{- range $name := keys ((index $.Values.tracks $track).services | default dict) | sortAlpha -}}
{{- if not (hasKey $.Values.services $name) -}}
{{- fail (printf "tracks.%s.services.%s: not a service of this chart; known: %s" $track $name (keys $.Values.services | sortAlpha | join ", ")) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $name, $service := .Values.services -}}
{{- $fullname := include "docuthinker.fullname" (dict "root" $ "name" $name) -}}
{{- $tracks := include "docuthinker.serviceTracks" (dict "root" $ "name" $name) | fromJsonArray -}}
{{- $live := $service.live | default "stable" -}}
{{- if and (ne $live "stable") (not (has $live $tracks)) -}}
{{- fail (printf "services.%s.live: %q is not there; expected tracks.%s.enabled and the service in tracks.%s.services, or stable" $name $live $live $live) -}}
{{- end -}}
{{- range $suffix := list "-canary" "-blue" "-green" "-stable" -}}
{{- if and (hasSuffix $suffix $name) (hasKey $.Values.services (trimSuffix $suffix $name)) -}}
{{- fail (printf "services.%s: the name is that of a track of services.%s; rename one of them" $name (trimSuffix $suffix $name)) -}}
{{- end -}}
{{- end -}}
{{- if eq $live "stable" -}}
{{- $instances = append $instances (dict "name" $name "track" "stable" "fullname" $fullname "commit" $.Values.release.commit "service" $service) -}}
{{- end -}}
{{- range $track := $tracks -}}
{{- $own := index $.Values.tracks $track -}}
{{- /* Key by key, not deeper: what the new release no longer sets must not come from the running one. */}}
{{- $given := index $own.services $name | default dict -}}
{{- /* Steps of a schema are the release's own, or none: those of the running one have been done. */}}
{{- $merged := omit (deepCopy $service) "migrations" -}}
{{- range $key, $value := $given }}{{ $_ := set $merged $key $value }}{{ end -}}
{{- /* A canary grows with its weight, so whoever moves the weight scales it too. */}}
{{- if eq $track "canary" -}}
{{- $merged = set (omit $merged "autoscaling") "replicas" $given.replicas -}}
{{- end -}}
{{- $instances = append $instances (dict "name" $name "track" $track "fullname" (printf "%s-%s" $fullname $track) "commit" ($own.commit | default $.Values.release.commit) "service" $merged) -}}
{{- end -}}
{{- end -}}
{{- toJson $instances -}}
{{- end }}

{{/* docuthinker.switch: name of the objects of the dead man's switch. */}}
{{- define "docuthinker.switch" -}}
{{- include "docuthinker.fullname" (dict "root" . "name" "switch") -}}
{{- end }}

{{/* docuthinker.switchLabels: their labels. */}}
{{- define "docuthinker.switchLabels" -}}
{{- include "docuthinker.componentLabels" (dict "root" . "name" "switch") -}}
{{- end }}

{{/* docuthinker.carrier: what carries the weights, as the dead man's switch and its Role name it. */}}
{{- define "docuthinker.carrier" -}}
{{- $names := list -}}
{{- if eq .Values.tracks.router "replicas" -}}
{{- range $name, $service := .Values.services }}{{ if $service.routes }}{{ $names = append $names (include "docuthinker.fullname" (dict "root" $ "name" $name)) }}{{ end }}{{ end -}}
kind: Service
group: ""
resource: services
{{- else if eq .Values.tracks.router "nginx" -}}
{{- range $track := list "canary" "blue" "green" }}{{ $names = append $names (printf "%s-%s" $.Release.Name $track) }}{{ end -}}
kind: Ingress
group: networking.k8s.io
resource: ingresses
{{- else -}}
{{- $names = list .Release.Name -}}
kind: HTTPRoute
group: gateway.networking.k8s.io
resource: httproutes
{{- end }}
names:
  {{- toYaml $names | nindent 2 }}
{{- end }}
