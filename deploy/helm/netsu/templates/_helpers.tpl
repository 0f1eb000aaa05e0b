{{- define "netsu.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "netsu.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains (include "netsu.name" .) .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "netsu.name" .) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "netsu.selector" -}}
app.kubernetes.io/name: {{ include "netsu.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "netsu.labels" -}}
{{ include "netsu.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "netsu.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "netsu.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- /* The settings file: what the chart knows, then what .Values.settings adds. A key of both is refused by the schema. */ -}}
{{- define "netsu.settings" -}}
{{- if not .Values.kafka.brokers }}
{{- fail "kafka.brokers: name at least one, as [kafka-bootstrap:9092]" }}
{{- end -}}
brokers: {{ toJson .Values.kafka.brokers }}
prefix: {{ .Values.kafka.prefix | quote }}
roles: {{ toJson .Values.roles }}
data_dir: /var/lib/netsu
hashing_key_file: /etc/netsu/secrets/hashing/key
ops_listen: ":8081"
{{- if has "feed" .Values.roles }}
listen: ":8080"
{{- if .Values.access.existingSecret }}
access_keys_file: /etc/netsu/secrets/access/keys
{{- else if not (or (get .Values.settings "access_jwks_url") (get .Values.settings "access")) }}
{{- fail "access.existingSecret: the feed needs keys to verify tokens with, see values.yaml" }}
{{- end }}
{{- end }}
{{- with .Values.kafka.tls }}
{{- if .enabled }}
tls: true
{{- if and .existingSecret .caKey }}
tls_ca_file: /etc/netsu/secrets/tls/ca.crt
{{- end }}
{{- if and .existingSecret .certKey }}
tls_cert_file: /etc/netsu/secrets/tls/tls.crt
tls_key_file: /etc/netsu/secrets/tls/tls.key
{{- end }}
{{- if .serverName }}
tls_server_name: {{ .serverName | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- with .Values.kafka.sasl }}
{{- if .mechanism }}
sasl: {{ .mechanism }}
{{- if eq .mechanism "OAUTHBEARER" }}
sasl_token_file: /etc/netsu/secrets/sasl/secret
{{- else }}
sasl_user: {{ required "kafka.sasl.user: needed for PLAIN and SCRAM" .user | quote }}
sasl_password_file: /etc/netsu/secrets/sasl/secret
{{- end }}
{{- end }}
{{- end }}
{{- range $key, $value := .Values.settings }}
{{ $key }}: {{ toJson $value }}
{{- end }}
{{- end -}}
