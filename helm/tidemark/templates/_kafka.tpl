{{- /* Where the file of client properties comes from: of "root", "own" (the part's) and "role" (of a user of Strimzi's). */}}
{{- define "tidemark.clientProperties" -}}
{{- if .root.Values.topics.strimzi.users.enabled }}
configMap: {{ include "tidemark.fullname" .root }}-kafka
secret: ""
key: client.properties
{{- else if or .own.secret .own.configMap }}
secret: {{ .own.secret | default "" | quote }}
configMap: {{ .own.configMap | default "" | quote }}
key: {{ .own.key | default "client.properties" }}
{{- else }}
{{- toYaml .root.Values.kafka.clientProperties }}
{{- end }}
{{- end }}

{{- define "tidemark.kafkaArgs" -}}
{{- $file := include "tidemark.clientProperties" . | fromYaml -}}
- --bootstrap-server={{ .root.Values.kafka.bootstrapServers }}
- --topic-prefix={{ .root.Values.kafka.topicPrefix }}
{{- if or $file.secret $file.configMap }}
- --client-properties=/etc/tidemark/kafka/{{ $file.key }}
{{- end }}
{{- end }}

{{- define "tidemark.kafkaMounts" -}}
{{- $file := include "tidemark.clientProperties" . | fromYaml -}}
{{- if or $file.secret $file.configMap }}
- name: kafka
  mountPath: /etc/tidemark/kafka
  readOnly: true
{{- end }}
{{- if .root.Values.topics.strimzi.users.enabled }}
- name: user
  mountPath: /etc/tidemark/user
  readOnly: true
- name: ca
  mountPath: /etc/tidemark/ca
  readOnly: true
{{- end }}
{{- end }}

{{- /* Files of Secrets are for the pod's user alone; where that is not root the kubelet makes them root's, readable by fsGroup. */}}
{{- define "tidemark.kafkaVolumes" -}}
{{- $file := include "tidemark.clientProperties" . | fromYaml -}}
{{- if $file.secret }}
- name: kafka
  secret:
    secretName: {{ $file.secret | quote }}
    defaultMode: 0400
{{- else if $file.configMap }}
- name: kafka
  configMap:
    name: {{ $file.configMap | quote }}
{{- end }}
{{- if .root.Values.topics.strimzi.users.enabled }}
- name: user
  secret:
    secretName: {{ include "tidemark.fullname" .root }}-{{ .role }}
    defaultMode: 0400
- name: ca
  secret:
    secretName: {{ .root.Values.topics.strimzi.cluster }}-cluster-ca-cert
    defaultMode: 0400
{{- end }}
{{- end }}

{{- define "tidemark.kafkaEnv" -}}
{{- with .Values.kafka.env }}
{{- toYaml . }}
{{- end }}
{{- end }}
