{{/* platform.labels: labels of everything here. */}}
{{- define "platform.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/part-of: delivery-platform
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* platform.namespaces: the namespaces of the environments, as a selector. */}}
{{- define "platform.namespaceSelector" -}}
matchExpressions:
  - key: kubernetes.io/metadata.name
    operator: In
    values:
      {{- keys .Values.environments | sortAlpha | toYaml | nindent 6 }}
{{- end }}

{{/* platform.workloads: what holds a pod: a policy on pods alone would be met only when a controller makes them, and nobody would be told. */}}
{{- define "platform.workloads" -}}
failurePolicy: Fail
matchConstraints:
  resourceRules:
    - apiGroups: [""]
      apiVersions: [v1]
      operations: [CREATE, UPDATE]
      resources: [pods, pods/ephemeralcontainers, replicationcontrollers]
    - apiGroups: [apps]
      apiVersions: [v1]
      operations: [CREATE, UPDATE]
      resources: [deployments, replicasets, statefulsets, daemonsets]
    - apiGroups: [batch]
      apiVersions: [v1]
      operations: [CREATE, UPDATE]
      resources: [jobs, cronjobs]
matchConditions:
  # What is there already can be ended, scaled and labelled: only what would run is judged.
  - name: changes-what-runs
    expression: oldObject == null || object.spec != oldObject.spec
variables:
  - name: pod
    expression: >-
      object.kind == 'Pod' ? object.spec : object.kind == 'CronJob' ? object.spec.jobTemplate.spec.template.spec : object.spec.template.spec
  - name: containers
    expression: >-
      variables.pod.containers + variables.pod.?initContainers.orValue([]) + variables.pod.?ephemeralContainers.orValue([])
{{- end }}
