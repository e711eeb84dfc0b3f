{{/*
What every workload of the release is made by: the services' here, and the umbrella's gateway, MySQL, Redis,
mail sink and test. Helm shares named templates between a chart and its parent.
*/}}

{{/* The beginning of every name: the release's, short enough that the longest end keeps a name within 63. */}}
{{- define "seodang.base" -}}
{{- $name := .Release.Name -}}
{{- if gt (len $name) 31 }}{{ printf "%s-%s" (trunc 22 $name | trimSuffix "-") (trunc 8 (sha256sum $name)) }}
{{- else }}{{ $name }}{{ end -}}
{{- end -}}

{{/* seodang.selector (dict "root" $ "service" "users" "component" "web"): what never changes about a pod. */}}
{{- define "seodang.selector" -}}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/name: {{ .service }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{/* The same and what may change. */}}
{{- define "seodang.labels" -}}
{{ include "seodang.selector" . }}
app.kubernetes.io/part-of: seodang
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end -}}

{{/* seodang.image (dict "root" $ "image" .Values.image "name" "seodang-users"): one of Seodang's own images. */}}
{{- define "seodang.image" -}}
{{- with .root.Values.global.registry }}{{ trimSuffix "/" . }}/{{ end -}}
{{ .image.repository | default .name }}:{{ .image.tag | default .root.Chart.AppVersion }}
{{- end -}}

{{/* seodang.derive (dict "root" $ "purpose" "mysql/users"): 64 hexadecimal digits that only the seed's owner knows. */}}
{{- define "seodang.derive" -}}
{{- sha256sum (printf "%s/%s" .root.Values.global.seed .purpose) -}}
{{- end -}}

{{/*
seodang.container (dict "root" $ "name" … "container" (dict …) "writable" false "capabilities" (list)):
a container's own fields, and what all have in common.
*/}}
{{- define "seodang.container" -}}
name: {{ .name }}
imagePullPolicy: {{ .root.Values.global.imagePullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: {{ not .writable }}
  capabilities:
    drop: [ALL]
    {{- with .capabilities }}
    add: {{ toJson . }}
    {{- end }}
{{ toYaml .container }}
{{- end -}}

{{/*
seodang.pod: a pod's template. Takes a dict:
  root, kind, service, component
  container    the one container's fields: image, args, env, ports, probes, resources, volumeMounts
  init         the same of the container that runs before it
  volumes      beside /tmp
  uid          default 10001
  preStop      seconds until it is told to stop: so long do others still send it work
  account      of a service of its own
  annotations, writable, capabilities
*/}}
{{- define "seodang.pod" -}}
metadata:
  labels:
    {{- include "seodang.selector" . | nindent 4 }}
    app.kubernetes.io/part-of: seodang
  {{- with .annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with .account }}
  serviceAccountName: {{ . }}
  {{- end }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with .root.Values.global.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: {{ .uid | default 10001 }}
    runAsGroup: {{ .uid | default 10001 }}
    fsGroup: {{ .uid | default 10001 }}
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  # The sleep, what gunicorn and Celery take to end (25 s), and some.
  terminationGracePeriodSeconds: {{ add (.preStop | default 1) 40 }}
  {{- if eq .kind "Job" }}
  restartPolicy: Never
  {{- end }}
  topologySpreadConstraints:
    {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - maxSkew: 1
      topologyKey: {{ $key }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "seodang.selector" $ | nindent 10 }}
      {{- if eq $.kind "Deployment" }}
      matchLabelKeys: [pod-template-hash]
      {{- end }}
    {{- end }}
  {{- with .root.Values.global.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .root.Values.global.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- $mounts := concat (list (dict "name" "tmp" "mountPath" "/tmp")) (.container.volumeMounts | default list) }}
  {{- $common := dict "root" .root "writable" .writable "capabilities" .capabilities }}
  {{- with .init }}
  initContainers:
    - {{ include "seodang.container" (merge (dict "name" "wait-for-migrate" "container"
        (merge (dict "volumeMounts" $mounts) .)) $common) | nindent 6 | trim }}
  {{- end }}
  {{- $lifecycle := dict "preStop" (dict "sleep" (dict "seconds" (.preStop | default 1))) }}
  containers:
    - {{ include "seodang.container" (merge (dict "name" .component "container"
        (merge (dict "volumeMounts" $mounts "lifecycle" $lifecycle) .container)) $common) | nindent 6 | trim }}
  volumes:
    - name: tmp
      emptyDir:
        sizeLimit: 64Mi
    {{- with .volumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{/*
seodang.workload: the object around a pod. Beside the pod's:
  name
  replicas     absent where an autoscaler decides
  recreate     the old one ends before the new one starts
  claim        a StatefulSet's volume: name, size, storageClass
  job          a Job's own fields
  objectAnnotations
*/}}
{{- define "seodang.workload" -}}
apiVersion: {{ eq .kind "Job" | ternary "batch/v1" "apps/v1" }}
kind: {{ .kind }}
metadata:
  name: {{ .name }}
  labels:
    {{- include "seodang.labels" . | nindent 4 }}
  {{- with .objectAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with .job }}
  {{- toYaml . | nindent 2 }}
  {{- else }}
  {{- if hasKey . "replicas" }}
  replicas: {{ .replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  selector:
    matchLabels:
      {{- include "seodang.selector" . | nindent 6 }}
  {{- end }}
  {{- if eq .kind "Deployment" }}
  strategy:
    {{- if .recreate }}
    type: Recreate
    {{- else }}
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: 1
    {{- end }}
  {{- end }}
  {{- with .claim }}
  serviceName: {{ $.name }}
  volumeClaimTemplates:
    - metadata:
        name: {{ .name }}
      spec:
        accessModes: [ReadWriteOnce]
        {{- with .storageClass }}
        storageClassName: {{ . }}
        {{- end }}
        resources:
          requests:
            storage: {{ .size }}
  {{- end }}
  template:
    {{- include "seodang.pod" . | nindent 4 }}
{{- end -}}

{{/* seodang.budget (the dict of a workload; "least" where an autoscaler decides): a drain takes one at a time. */}}
{{- define "seodang.budget" -}}
{{- if gt (int (.replicas | default .least)) 1 -}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .name }}
  labels:
    {{- include "seodang.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "seodang.selector" . | nindent 6 }}
{{- end }}
{{- end -}}
