{{/* The services that are on, as a list: {{ include "seodang.services" . | fromJsonArray }} */}}
{{- define "seodang.services" -}}
{{- $on := list -}}
{{- range $name := list "users" "study" "notification" -}}
{{- if (index $.Values $name).enabled }}{{ $on = append $on $name }}{{ end -}}
{{- end -}}
{{- toJson $on -}}
{{- end -}}

{{/*
A template of deploy/redis or deploy/mysql with every ${name} in it derived from the seed:
seodang.filled (dict "root" $ "file" "files/users.acl.template" "purpose" "redis")
*/}}
{{- define "seodang.filled" -}}
{{- $text := .root.Files.Get .file -}}
{{- range $place := regexFindAll "\\$\\{[a-z_]+\\}" $text -1 | uniq -}}
{{- $name := trimAll "${}" $place -}}
{{- $purpose := printf "%s/%s" $.purpose $name -}}
{{- $text = replace $place (include "seodang.derive" (dict "root" $.root "purpose" $purpose)) $text -}}
{{- end -}}
{{- $text -}}
{{- end -}}

{{/* A part of devInfra: seodang.part (dict "root" $ "name" "mysql"): what its objects share. */}}
{{- define "seodang.part" -}}
name: {{ include "seodang.base" .root }}-{{ .name }}
service: {{ .name }}
component: {{ .name }}
{{- end -}}

{{/* seodang.pods (dict "root" $ "names" (list "users") "component" "web"): a selector of the release's pods. */}}
{{- define "seodang.pods" -}}
matchLabels:
  app.kubernetes.io/instance: {{ .root.Release.Name }}
  {{- with .component }}
  app.kubernetes.io/component: {{ . }}
  {{- end }}
matchExpressions:
  - {key: app.kubernetes.io/name, operator: In, values: {{ toJson .names }}}
{{- end -}}

{{/* seodang.edge (dict "way" "to" "ports" (list 8000) and a selector's): a rule between pods of the release. */}}
{{- define "seodang.edge" -}}
{{ .way }}:
  - podSelector:
      {{- include "seodang.pods" . | nindent 6 }}
ports:
  {{- range .ports }}
  - {protocol: TCP, port: {{ . }}}
  {{- end }}
{{- end -}}

{{/* seodang.namespaces (dict "names" (list …) "port" 8000): a rule that lets in those namespaces, or any. */}}
{{- define "seodang.namespaces" -}}
from:
  - namespaceSelector:
      {{- if .names }}
      matchExpressions:
        - {key: kubernetes.io/metadata.name, operator: In, values: {{ toJson .names }}}
      {{- else }} {}
      {{- end }}
ports:
  - {protocol: TCP, port: {{ .port }}}
{{- end -}}
