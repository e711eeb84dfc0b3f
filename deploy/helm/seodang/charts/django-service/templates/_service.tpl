{{/* The name of the service's objects: <release>-users. */}}
{{- define "service.name" -}}
{{ include "seodang.base" . }}-{{ .Chart.Name }}
{{- end -}}

{{- define "service.secret" -}}
{{ .Values.existingSecret | default (include "service.name" .) }}
{{- end -}}

{{/* The environment, as a list. Secrets are files: NAME_FILE says where, the environment does not hold them. */}}
{{- define "service.env" -}}
{{- $base := include "seodang.base" . }}
{{- $mysql := .Values.global.mysql }}
{{- $env := dict
  "PUBLIC_URL" .Values.global.publicUrl
  "ALLOWED_HOSTS" (include "service.name" .)
  "DATABASE_HOST" (.Values.global.devInfra.enabled | ternary (printf "%s-mysql" $base) $mysql.host)
  "DATABASE_PORT" (.Values.global.devInfra.enabled | ternary "3306" (toString $mysql.port))
  "DATABASE_NAME" (.Values.database.name | default .Chart.Name)
  "DATABASE_USER" (.Values.database.user | default .Chart.Name) }}
{{- range .Values.calls }}
{{- $_ := set $env (printf "%s_URL" (upper .)) (printf "http://%s-%s:8000" $base .) }}
{{- end }}
{{- range concat .Values.secretKeys .Values.optionalSecretKeys (keys .Values.extraSecrets) }}
{{- $_ := set $env (printf "%s_FILE" .) (printf "/run/secrets/seodang/%s" .) }}
{{- end }}
{{- with $mysql.tls.mode }}
{{- $_ := set $env "DATABASE_SSL_MODE" . }}
{{- end }}
{{- range include "service.certificates" . | fromJsonArray }}
{{- $_ := set $env .setting (printf "/run/secrets/seodang/%s" .path) }}
{{- end }}
{{- with .Values.global.mailFrom }}
{{- $_ := set $env "MAIL_FROM" . }}
{{- end }}
{{- range $name, $value := merge (deepCopy .Values.env) $env }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end -}}

{{/* The certificates of MySQL and Redis, as JSON: setting, secret, its key, and the file that this becomes. */}}
{{- define "service.certificates" -}}
{{- $found := list }}
{{- range $server, $prefix := dict "mysql" "DATABASE_SSL" "redis" "BROKER_SSL" }}
{{- $tls := (index $.Values.global $server).tls }}
{{- range list (list "CA" $tls.caSecret "ca.crt") (list "CERT" $tls.clientSecret "tls.crt") (list "KEY" $tls.clientSecret "tls.key") }}
{{- if index . 1 }}
{{- $found = append $found (dict "setting" (printf "%s_%s" $prefix (first .)) "secret" (index . 1) "key" (last .)
    "path" (printf "%s-%s" $server (last .))) }}
{{- end }}
{{- end }}
{{- end }}
{{- toJson $found }}
{{- end -}}

{{/* The secrets as one folder of files, each named for its setting. */}}
{{- define "service.volumes" -}}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      - secret:
          name: {{ include "service.secret" . }}
          items:
            {{- range .Values.secretKeys }}
            - {key: {{ . }}, path: {{ . }}}
            {{- end }}
      {{- with .Values.optionalSecretKeys }}
      - secret:
          name: {{ include "service.secret" $ }}
          # A key that the Secret does not have is no file.
          optional: true
          items:
            {{- range . }}
            - {key: {{ . }}, path: {{ . }}}
            {{- end }}
      {{- end }}
      {{- range $name, $secret := .Values.extraSecrets }}
      - secret:
          name: {{ $secret }}
          items:
            - {key: {{ $name }}, path: {{ $name }}}
      {{- end }}
      {{- range include "service.certificates" . | fromJsonArray }}
      - secret:
          name: {{ .secret }}
          items:
            - {key: {{ .key }}, path: {{ .path }}}
      {{- end }}
{{- end -}}

{{/*
service.workload (dict "root" $ "component" "web"): a workload's dict as YAML, up to and into its container, so that
what is special about it can follow. Those that wait have an init container until their database is migrated.
*/}}
{{- define "service.workload" -}}
{{- $root := .root -}}
service: {{ $root.Chart.Name }}
component: {{ .component }}
name: {{ include "service.name" $root }}-{{ .component }}
account: {{ include "service.name" $root }}
writable: {{ not $root.Values.readOnlyRootFilesystem }}
{{- if $root.Values.global.seed }}
annotations:
  checksum/secrets: {{ include "seodang.derive" (dict "root" $root "purpose" "checksum") }}
{{- end }}
volumes:
  {{- include "service.volumes" $root | nindent 2 }}
{{- if ne .component "migrate" }}
init:
  args: [migrate, --wait, "300"]
  {{- include "service.container" . | nindent 2 }}
{{- end }}
container:
  args: [{{ .component }}]
  {{- include "service.container" . | nindent 2 }}
{{- end -}}

{{- define "service.container" -}}
{{- $name := printf "seodang-%s" .root.Chart.Name -}}
image: {{ include "seodang.image" (dict "root" .root "image" .root.Values.image "name" $name) }}
env:
  {{- include "service.env" .root | nindent 2 }}
volumeMounts:
  - {name: secrets, mountPath: /run/secrets/seodang, readOnly: true}
resources:
  {{- toYaml (index .root.Values .component).resources | nindent 2 }}
{{- end -}}
