{{- define "tidemark.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "tidemark.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains (include "tidemark.name" .) .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "tidemark.name" .) | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- /* Labels by which pods are found: of all of the release, or with a dict of "root" and "component" of one part. */}}
{{- define "tidemark.selector" -}}
app.kubernetes.io/name: {{ include "tidemark.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{- define "tidemark.labels" -}}
{{ include "tidemark.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: tidemark
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "tidemark.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "tidemark.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "tidemark.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end }}
{{- end }}
{{- end }}

{{- /* What a mirror is told: of "root" and its "entry", the keys of values' mirror where it has none of its own. */}}
{{- define "tidemark.mirror" -}}
{{- mergeOverwrite (deepCopy .root.Values.mirror) .entry | toYaml }}
{{- end }}

{{- /* What no values may ask for. */}}
{{- define "tidemark.check" -}}
{{- $several := or (gt (int .Values.store.replicas) 1) (gt (len .Values.mirrors) 0) (gt (len .Values.drill.trees) 0) }}
{{- if and (gt (int .Values.store.standbyReplicas) 0) (ge (int .Values.store.standbyReplicas) (int .Values.store.replicas)) }}
{{- fail (printf "store.standbyReplicas %d: there is place for less than store.replicas, %d" (int .Values.store.standbyReplicas) (int .Values.store.replicas)) }}
{{- end }}
{{- if and (not .Values.repository.url) (gt (int .Values.store.replicas) 1) (not (has "ReadWriteMany" .Values.repository.volume.accessModes)) }}
{{- fail (printf "store.replicas %d: chunk-stores on several nodes need a repository that all reach. Set repository.url to a bucket, or repository.volume.accessModes to [ReadWriteMany]" (int .Values.store.replicas)) }}
{{- end }}
{{- if and .Values.topics.strimzi.users.enabled (ne .Values.topics.mode "strimzi") }}
{{- fail "topics.strimzi.users.enabled goes with topics.mode strimzi" }}
{{- end }}
{{- $names := list }}
{{- range .Values.mirrors }}
{{- if has .name $names }}
{{- fail (printf "mirrors: the name %q is given twice" .name) }}
{{- end }}
{{- $names = append $names .name }}
{{- end }}
{{- end }}
