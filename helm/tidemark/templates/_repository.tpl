{{- /* A folder on the volume, in whose root the filesystem may have something of its own. */}}
{{- define "tidemark.repositoryUrl" -}}
{{- .Values.repository.url | default "/repository/tidemark" }}
{{- end }}

{{- define "tidemark.repositoryClaim" -}}
{{- .Values.repository.volume.existingClaim | default (printf "%s-repository" (include "tidemark.fullname" .)) }}
{{- end }}

{{- /* Only a chunk-store writes. */}}
{{- define "tidemark.repositoryMounts" -}}
{{- if not .root.Values.repository.url }}
- name: repository
  mountPath: /repository
  {{- if ne .role "store" }}
  readOnly: true
  {{- end }}
{{- end }}
{{- end }}

{{- define "tidemark.repositoryVolumes" -}}
{{- if not .Values.repository.url }}
- name: repository
  persistentVolumeClaim:
    claimName: {{ include "tidemark.repositoryClaim" . }}
{{- end }}
{{- end }}

{{- define "tidemark.repositoryEnv" -}}
{{- with .Values.repository.region }}
- name: AWS_REGION
  value: {{ . | quote }}
{{- end }}
{{- with .Values.repository.credentialsSecret }}
- name: AWS_ACCESS_KEY_ID
  valueFrom:
    secretKeyRef: {name: {{ . | quote }}, key: AWS_ACCESS_KEY_ID}
- name: AWS_SECRET_ACCESS_KEY
  valueFrom:
    secretKeyRef: {name: {{ . | quote }}, key: AWS_SECRET_ACCESS_KEY}
{{- end }}
{{- end }}

{{- /* All variables of a container: of "root", and "javaOptions". */}}
{{- define "tidemark.env" -}}
{{- include "tidemark.kafkaEnv" .root }}
{{- include "tidemark.repositoryEnv" .root }}
{{- with .javaOptions }}
- name: TIDEMARK_JAVA_OPTS
  value: {{ . | quote }}
{{- end }}
{{- end }}
