{{- define "netsu.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- /* Helm takes a release whose name has dots; Kubernetes takes no Service with such a name. */ -}}
{{- define "netsu.fullname" -}}
{{- $name := printf "%s-%s" .Release.Name (include "netsu.name" .) -}}
{{- if .Values.fullnameOverride -}}
{{- $name = .Values.fullnameOverride -}}
{{- else if contains (include "netsu.name" .) .Release.Name -}}
{{- $name = .Release.Name -}}
{{- end -}}
{{- $name | replace "." "-" | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- /* A quantity of Kubernetes in bytes, for the server writes 10240Mi as 10Gi. */ -}}
{{- define "netsu.bytes" -}}
{{- $unit := dict "" 1 "m" 0.001 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "E" 1e18 "Ki" 0x1p10 "Mi" 0x1p20 "Gi" 0x1p30 "Ti" 0x1p40 "Pi" 0x1p50 "Ei" 0x1p60 -}}
{{- printf "%.0f" (mulf (regexFind "^[0-9.]+" (toString .) | float64) (get $unit (regexFind "[a-zA-Z]*$" (toString .)) | float64)) -}}
{{- end -}}

{{- define "netsu.selector" -}}
app.kubernetes.io/name: {{ include "netsu.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
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

{{- define "netsu.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
image: {{ printf "%s@%s" .repository .digest | quote }}
{{- else -}}
image: {{ printf "%s:%s" .repository (default $.Chart.AppVersion .tag) | quote }}
{{- end }}
imagePullPolicy: {{ .pullPolicy }}
{{- end -}}
{{- end -}}

{{- define "netsu.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "netsu.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- /* How Kafka is reached: settings, and where their files are mounted from. */ -}}
{{- define "netsu.kafka" -}}
{{- if not .Values.kafka.brokers }}
{{- fail "kafka.brokers: name at least one, as [kafka-bootstrap:9092]" }}
{{- end -}}
brokers: {{ toJson .Values.kafka.brokers }}
prefix: {{ .Values.kafka.prefix | quote }}
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
{{- end -}}

{{- define "netsu.kafkaMounts" -}}
{{- if and .Values.kafka.tls.enabled .Values.kafka.tls.existingSecret (or .Values.kafka.tls.caKey .Values.kafka.tls.certKey) }}
- name: tls
  mountPath: /etc/netsu/secrets/tls
  readOnly: true
{{- end }}
{{- if .Values.kafka.sasl.mechanism }}
- name: sasl
  mountPath: /etc/netsu/secrets/sasl
  readOnly: true
{{- end }}
{{- end -}}

{{- define "netsu.kafkaVolumes" -}}
{{- with .Values.kafka.tls }}
{{- if and .enabled .existingSecret (or .caKey .certKey) }}
- name: tls
  secret:
    secretName: {{ .existingSecret | quote }}
    defaultMode: 0440
    items:
      {{- if .caKey }}
      - key: {{ .caKey | quote }}
        path: ca.crt
      {{- end }}
      {{- if .certKey }}
      - key: {{ .certKey | quote }}
        path: tls.crt
      - key: {{ required "kafka.tls.keyKey: a client certificate needs its key" .keyKey | quote }}
        path: tls.key
      {{- end }}
{{- end }}
{{- end }}
{{- with .Values.kafka.sasl }}
{{- if .mechanism }}
- name: sasl
  secret:
    secretName: {{ required "kafka.sasl.existingSecret: holds the password or token" .existingSecret | quote }}
    defaultMode: 0440
    items:
      - key: {{ .secretKey | quote }}
        path: secret
{{- end }}
{{- end }}
{{- end -}}

{{- /* The settings file: what the chart knows, then what .Values.settings adds. A key of both is refused by the schema. */ -}}
{{- define "netsu.settings" -}}
{{ include "netsu.kafka" . }}
roles: {{ toJson .Values.roles }}
data_dir: /var/lib/netsu
{{- if has "ingest" .Values.roles }}
hashing_key_file: /etc/netsu/secrets/hashing/key
{{- end }}
ops_listen: ":8081"
{{- if has "feed" .Values.roles }}
listen: ":8080"
{{- if .Values.tls.existingSecret }}
listen_tls_cert_file: /etc/netsu/secrets/listen/tls.crt
listen_tls_key_file: /etc/netsu/secrets/listen/tls.key
{{- end }}
{{- if .Values.access.existingSecret }}
access_keys_file: /etc/netsu/secrets/access/keys
{{- else if not (or (get .Values.settings "access_jwks_url") (get .Values.settings "access")) }}
{{- fail "access.existingSecret: the feed needs keys to verify tokens with, see values.yaml" }}
{{- end }}
{{- end }}
{{- if has "bridge" .Values.roles }}
{{- with .Values.bridge }}
bridge_topics: {{ required "bridge.topics: name at least one" .topics | toJson }}
bridge_mappings_dir: /etc/netsu/mappings
{{- with .registry }}
{{- if .urls }}
registry_url: {{ toJson .urls }}
{{- end }}
{{- if .user }}
registry_user: {{ .user | quote }}
registry_password_file: /etc/netsu/secrets/registry/{{ required "bridge.registry.passwordKey: the user needs a password" .passwordKey }}
{{- end }}
{{- range $setting, $key := dict "token" .tokenKey "ca" .caKey "cert" .certKey "key" .keyKey }}
{{- if $key }}
registry_{{ $setting }}_file: /etc/netsu/secrets/registry/{{ $key }}
{{- end }}
{{- end }}
{{- if .serverName }}
registry_server_name: {{ .serverName | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- range $key, $value := .Values.settings }}
{{ $key }}: {{ toJson $value }}
{{- end }}
{{- end -}}

{{- /* The gateway has names and labels of its own: what selects the one must not find the other. */ -}}
{{- define "netsu.gateway.fullname" -}}
{{- /* With -gateway-headless, the longest, no more than the 63 letters of a Service. */ -}}
{{ include "netsu.fullname" . | trunc 46 | trimSuffix "-" }}-gateway
{{- end -}}

{{- define "netsu.gateway.selector" -}}
app.kubernetes.io/name: {{ include "netsu.name" . | trunc 55 | trimSuffix "-" }}-gateway
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "netsu.gateway.labels" -}}
{{ include "netsu.gateway.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- /* It gets no hashing key and no access keys: it needs neither. */ -}}
{{- define "netsu.gateway.settings" -}}
{{ include "netsu.kafka" . }}
roles: [gateway]
gateway_listen: ":8080"
gateway_secrets_dir: /etc/netsu/gateway/secrets
{{- if .Values.gateway.mappings.existingConfigMap }}
gateway_mappings_dir: /etc/netsu/gateway/mappings
{{- end }}
ops_listen: ":8081"
{{- with get .Values.settings "log_level" }}
log_level: {{ . }}
{{- end }}
{{- end -}}
