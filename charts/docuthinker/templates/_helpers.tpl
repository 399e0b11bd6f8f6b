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
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{/* docuthinker.serviceSelectorLabels: all pods of one service, of every track. */}}
{{- define "docuthinker.serviceSelectorLabels" -}}
{{ include "docuthinker.releaseSelectorLabels" .root }}
app.kubernetes.io/component: {{ .name | quote }}
{{- end }}

{{/* docuthinker.selectorLabels: the pods of one service on one track, stable if none is named. A Deployment's selector is immutable: nothing that changes may enter. */}}
{{- define "docuthinker.selectorLabels" -}}
{{ include "docuthinker.serviceSelectorLabels" . }}
delivery.dev/track: {{ .track | default "stable" }}
{{- end }}

{{/* docuthinker.releaseLabels: labels of objects that belong to the whole release. */}}
{{- define "docuthinker.releaseLabels" -}}
{{ include "docuthinker.versionlessLabels" . }}
app.kubernetes.io/version: {{ .Values.release.commit | quote }}
{{- end }}

{{- define "docuthinker.versionlessLabels" -}}
{{ include "docuthinker.releaseSelectorLabels" . }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/part-of: {{ .Chart.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* docuthinker.labels: labels of one service's objects that belong to no other track than stable. */}}
{{- define "docuthinker.labels" -}}
{{ include "docuthinker.componentLabels" . }}
delivery.dev/track: stable
{{- end }}

{{/* docuthinker.instanceLabels: labels of the objects of one instance. */}}
{{- define "docuthinker.instanceLabels" -}}
{{ include "docuthinker.versionlessLabels" .root }}
app.kubernetes.io/version: {{ .commit | quote }}
app.kubernetes.io/component: {{ .name | quote }}
delivery.dev/track: {{ .track }}
{{- end }}

{{/* docuthinker.componentLabels: labels of the objects of what is no service: a database, the backup, the test. */}}
{{- define "docuthinker.componentLabels" -}}
{{ include "docuthinker.releaseLabels" .root }}
app.kubernetes.io/component: {{ .name | quote }}
{{- end }}

{{/* docuthinker.image: the image of one service. Left out of values.yaml on purpose, so that forgetting it is an error with a name. */}}
{{- define "docuthinker.image" -}}
{{- $service := .service | default (index .root.Values.services .name) -}}
{{- required (printf "services.%s.image is not set: expected repository@sha256:<64 hexadecimal digits> from the release's release.json; deploy through the delivery module, or pass --set services.%s.image=REPOSITORY@sha256:DIGEST" .name .name) $service.image -}}
{{- end }}

{{/* docuthinker.helperImage: an image that the chart needs besides the services'; takes (dict "root" $ "name" <key> "user" <what needs it>). */}}
{{- define "docuthinker.helperImage" -}}
{{- required (printf "images.%s is not set, and %s needs it: expected repository@sha256:<64 hexadecimal digits>; name it in delivery.yaml, chart.images, or pass --set images.%s=REPOSITORY@sha256:DIGEST" .name .user .name) (get (.root.Values.images | default dict) .name) -}}
{{- end }}

{{/* docuthinker.bundled: "true" if a small database of this kind runs beside the services: switched on, and used by one of them. */}}
{{- define "docuthinker.bundled" -}}
{{- if (index .root.Values.databases .name).bundled -}}
{{- range $service := .root.Values.services }}{{ if has $.name ($service.databases | default list) }}true{{ end }}{{ end -}}
{{- end -}}
{{- end }}

{{/* docuthinker.databaseUrl: where a bundled database answers. Without a password: only who uses it gets there, and what it holds dies with its pod. */}}
{{- define "docuthinker.databaseUrl" -}}
{{- $host := include "docuthinker.fullname" . -}}
{{- $port := int (index .root.Values.databases .name).port -}}
{{- if eq .name "postgresql" }}postgres://postgres@{{ $host }}:{{ $port }}/postgres{{ else }}redis://{{ $host }}:{{ $port }}{{ end -}}
{{- end }}

{{/* docuthinker.databaseVariable: the variable that a service reads a database's address from. */}}
{{- define "docuthinker.databaseVariable" -}}
{{- if eq . "postgresql" }}DATABASE_URL{{ else }}REDIS_URL{{ end -}}
{{- end }}

{{/* docuthinker.leastReplicas: how many pods of an instance there are at least; of a canary that is scaled from outside, as many as of its service. */}}
{{- define "docuthinker.leastReplicas" -}}
{{- $service := ternary (index .root.Values.services .name) .service (eq .track "canary") -}}
{{- if ($service.autoscaling | default dict).enabled }}{{ $service.autoscaling.minReplicas }}{{ else }}{{ $service.replicas }}{{ end -}}
{{- end }}

{{/* docuthinker.env: the environment of one instance as YAML: what the chart derives, what services.<name>.env adds or overrides, what comes from its Secret. */}}
{{- define "docuthinker.env" -}}
{{- $root := .root -}}
{{- $service := .service -}}
{{- $secretEnv := $service.secretEnv | default dict -}}
{{- $env := dict "PORT" $service.port "SERVICE_VERSION" .commit -}}
{{- range $peer := $service.dependsOn -}}
{{- if not (hasKey $root.Values.services $peer) -}}
{{- fail (printf "services.%s.dependsOn: %q is not a service of this chart; known: %s" $.name $peer (keys $root.Values.services | sortAlpha | join ", ")) -}}
{{- end -}}
{{- $key := printf "%s_URL" ($peer | upper | replace "-" "_") -}}
{{- $_ := set $env $key (printf "http://%s" (include "docuthinker.peer" (dict "root" $root "name" $peer "track" $.track))) -}}
{{- end -}}
{{- range $database := $service.databases | default list -}}
{{- if include "docuthinker.bundled" (dict "root" $root "name" $database) -}}
{{- $_ := set $env (include "docuthinker.databaseVariable" $database) (include "docuthinker.databaseUrl" (dict "root" $root "name" $database)) -}}
{{- end -}}
{{- end -}}
{{- $env = mergeOverwrite $env ($service.env | default dict | deepCopy) -}}
{{- if eq .track "canary" -}}
{{- $env = mergeOverwrite $env (($service.canary | default dict).env | default dict | deepCopy) -}}
{{- end -}}
{{- range $key, $_ := $secretEnv -}}
{{- if hasKey $env $key -}}
{{- fail (printf "services.%s.secretEnv.%s: expected one source for the variable, and it is also set by env, dependsOn or a bundled database; take one away" $.name $key) -}}
{{- end -}}
{{- end -}}
{{- range $key, $value := $env }}
- name: {{ $key | quote }}
  value: {{ include "docuthinker.scalar" $value | quote }}
{{- end }}
{{- range $key, $_ := $secretEnv }}
- name: {{ $key | quote }}
  valueFrom:
    secretKeyRef:
      name: {{ ternary $.fullname (include "docuthinker.fullname" (dict "root" $root "name" $.name)) $root.Values.externalSecrets.enabled }}
      key: {{ $key | quote }}
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

{{/* docuthinker.amount: a CPU or memory quantity as a number, in thousandths of a core or in Ki. */}}
{{- define "docuthinker.amount" -}}
{{- $number := regexFind "^[0-9]+" . | int64 -}}
{{- if hasSuffix "Gi" . }}{{ mul $number 1048576 }}{{ else if hasSuffix "Mi" . }}{{ mul $number 1024 }}{{ else if or (hasSuffix "Ki" .) (hasSuffix "m" .) }}{{ $number }}{{ else }}{{ mul $number 1000 }}{{ end -}}
{{- end }}

{{/* docuthinker.resources: resources as YAML; takes (dict "resources" <them> "where" <their key>). */}}
{{- define "docuthinker.resources" -}}
{{- range $name, $limit := .resources.limits -}}
{{- $request := get $.resources.requests $name -}}
{{- if and $request (gt (include "docuthinker.amount" $request | int64) (include "docuthinker.amount" $limit | int64)) -}}
{{- fail (printf "%s: requests.%s is %s, expected at most limits.%s (%s)" $.where $name $request $name $limit) -}}
{{- end -}}
{{- end -}}
{{- toYaml .resources -}}
{{- end }}

{{/* docuthinker.podSecurity: a pod's security context; takes the user's number. */}}
{{- define "docuthinker.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* docuthinker.containerSecurity: what Pod Security "restricted" asks of a container, and a read-only root file system. */}}
{{- define "docuthinker.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop:
    - ALL
{{- end }}

{{/* docuthinker.dnsEgress: the one way out that everything has. */}}
{{- define "docuthinker.dnsEgress" -}}
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
  ports:
    {{- range $port := .Values.networkPolicy.dnsPorts }}
    - protocol: UDP
      port: {{ $port }}
    - protocol: TCP
      port: {{ $port }}
    {{- end }}
{{- end }}

{{/* docuthinker.pullSecrets: the image pull secrets of a pod. */}}
{{- define "docuthinker.pullSecrets" -}}
{{- with .Values.imagePullSecrets -}}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- end }}

{{/* docuthinker.databaseEgress: the way to a database, bundled or outside; nothing when it is neither. */}}
{{- define "docuthinker.databaseEgress" -}}
{{- $database := index .root.Values.databases .name -}}
{{- $bundled := include "docuthinker.bundled" . -}}
{{- if or $bundled $database.cidrs }}
- to:
    {{- if $bundled }}
    - podSelector:
        matchLabels:
          {{- include "docuthinker.serviceSelectorLabels" . | nindent 10 }}
    {{- else }}
    {{- range $database.cidrs }}
    - ipBlock:
        cidr: {{ . | quote }}
    {{- end }}
    {{- end }}
  ports:
    - protocol: TCP
      port: {{ $database.port }}
{{- end }}
{{- end }}
