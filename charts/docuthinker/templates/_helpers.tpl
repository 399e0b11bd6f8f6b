{{/*
Every entry that concerns one service takes (dict "root" $ "name" <service>).
*/}}

{{/* docuthinker.fullname: <release>-<service>. Cut names could collide, so a long one is refused; 7 characters stay free for "-canary". */}}
{{- define "docuthinker.fullname" -}}
{{- $fullname := printf "%s-%s" .root.Release.Name .name -}}
{{- if gt (len $fullname) 56 -}}
{{- fail (printf "services.%s: the object name %q has %d characters, expected at most 56; use a shorter release or service name" .name $fullname (len $fullname)) -}}
{{- end -}}
{{- $fullname -}}
{{- end }}

{{/* docuthinker.releaseSelectorLabels: all pods of this release, of every service and track. */}}
{{- define "docuthinker.releaseSelectorLabels" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* docuthinker.serviceSelectorLabels: all pods of one service, of every track. */}}
{{- define "docuthinker.serviceSelectorLabels" -}}
{{ include "docuthinker.releaseSelectorLabels" .root }}
app.kubernetes.io/component: {{ .name }}
{{- end }}

{{/* docuthinker.selectorLabels: the stable pods of one service. A Deployment's selector is immutable: nothing that changes may enter. */}}
{{- define "docuthinker.selectorLabels" -}}
{{ include "docuthinker.serviceSelectorLabels" . }}
delivery.dev/track: stable
{{- end }}

{{/* docuthinker.releaseLabels: labels of objects that belong to the whole release. */}}
{{- define "docuthinker.releaseLabels" -}}
{{ include "docuthinker.releaseSelectorLabels" . }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/part-of: {{ .Chart.Name }}
app.kubernetes.io/version: {{ .Values.release.commit | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* docuthinker.labels: labels of one service's objects. */}}
{{- define "docuthinker.labels" -}}
{{ include "docuthinker.releaseLabels" .root }}
app.kubernetes.io/component: {{ .name }}
delivery.dev/track: stable
{{- end }}

{{/* docuthinker.image: the image of one service. Left out of values.yaml on purpose, so that forgetting it is an error with a name. */}}
{{- define "docuthinker.image" -}}
{{- $service := index .root.Values.services .name -}}
{{- required (printf "services.%s.image is not set: expected repository@sha256:<64 hexadecimal digits> from the release's release.json; deploy through the delivery module, or pass --set services.%s.image=REPOSITORY@sha256:DIGEST" .name .name) $service.image -}}
{{- end }}

{{/* docuthinker.env: one service's environment as YAML, what the chart derives and what services.<name>.env adds or overrides. */}}
{{- define "docuthinker.env" -}}
{{- $root := .root -}}
{{- $service := index $root.Values.services .name -}}
{{- $env := dict "PORT" $service.port "SERVICE_VERSION" $root.Values.release.commit -}}
{{- range $peer := $service.dependsOn -}}
{{- if not (hasKey $root.Values.services $peer) -}}
{{- fail (printf "services.%s.dependsOn: %q is not a service of this chart; known: %s" $.name $peer (keys $root.Values.services | sortAlpha | join ", ")) -}}
{{- end -}}
{{- $key := printf "%s_URL" ($peer | upper | replace "-" "_") -}}
{{- $_ := set $env $key (printf "http://%s" (include "docuthinker.fullname" (dict "root" $root "name" $peer))) -}}
{{- end -}}
{{- range $key, $value := mergeOverwrite $env ($service.env | default dict | deepCopy) }}
- name: {{ $key }}
  value: {{ include "docuthinker.scalar" $value | quote }}
{{- end }}
{{- end }}

{{/* docuthinker.scalar: a value as text. Helm reads every YAML number as a float, which prints 1000000 as 1e+06. */}}
{{- define "docuthinker.scalar" -}}
{{- if and (kindIs "float64" .) (eq . (floor .)) -}}
{{- int64 . -}}
{{- else -}}
{{- toString . -}}
{{- end -}}
{{- end }}
