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
{{- $purpose := printf "%s/%s" $.purpose (trimAll "${}" $place) -}}
{{- $text = replace $place (include "seodang.derive" (dict "root" $.root "purpose" $purpose)) $text -}}
{{- end -}}
{{- $text -}}
{{- end -}}

{{/* seodang.policy (dict "root" $ "name" "users" "component" "web" "way" (list "Ingress")): a policy but for its rules. */}}
{{- define "seodang.policy" -}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "seodang.base" .root }}-{{ .name }}{{ with .component }}-{{ . }}{{ end }}
  labels:
    {{- include "seodang.labels" (dict "root" .root "service" "network-policy") | nindent 4 }}
spec:
  policyTypes: {{ toJson .way }}
  podSelector:
    {{- if eq .name "default-deny" }}
    matchLabels:
      app.kubernetes.io/instance: {{ .root.Release.Name }}
    {{- else }}
    {{- include "seodang.pods" (dict "root" .root "names" (list .name) "component" .component) | nindent 4 }}
    {{- end }}
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

{{- define "seodang.ports" -}}
{{- range . }}
- {protocol: TCP, port: {{ . }}}
{{- end }}
{{- end -}}

{{/*
A rule between pods of the release: seodang.edge (dict "root" $ "to" (list "study") "component" "web" "ports" (list 8000)),
or "from".
*/}}
{{- define "seodang.edge" -}}
- ports: {{- include "seodang.ports" .ports | nindent 4 }}
  {{ hasKey . "to" | ternary "to" "from" }}:
    - podSelector:
        {{- include "seodang.pods" (set . "names" (.to | default .from)) | nindent 8 }}
{{- end -}}

{{/* seodang.namespaces (dict "names" (list …) "port" 8000): a rule that lets in those namespaces, or any. */}}
{{- define "seodang.namespaces" -}}
- ports: {{- include "seodang.ports" (list .port) | nindent 4 }}
  from:
    - namespaceSelector:
        {{- if .names }}
        matchExpressions:
          - {key: kubernetes.io/metadata.name, operator: In, values: {{ toJson .names }}}
        {{- else }} {}
        {{- end }}
{{- end -}}

{{/* Names are asked of the cluster's DNS, or of the cache on each node (the address is NodeLocal DNSCache's). */}}
{{- define "seodang.dns" -}}
{{- $dns := .Values.networkPolicy.external.dns -}}
- ports:
    {{- range $dns.ports }}
    - {protocol: UDP, port: {{ . }}}
    - {protocol: TCP, port: {{ . }}}
    {{- end }}
  to:
    {{- if $dns.to }}
    {{- toYaml $dns.to | nindent 4 }}
    {{- else }}
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
    - ipBlock: {cidr: 169.254.20.10/32}
    {{- end }}
{{- end -}}
