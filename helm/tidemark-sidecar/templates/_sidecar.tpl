{{- /* What no values may ask for. */}}
{{- define "tidemark.sidecar.check" -}}
{{- if not .tree }}
{{- fail "tidemark-sidecar.tree: name the tree" }}
{{- end }}
{{- if not .source.volume }}
{{- fail "tidemark-sidecar.source.volume: name the volume of the pod that is backed up" }}
{{- end }}
{{- $source := printf "%s/" (trimSuffix "/" .source.subPath) }}
{{- $state := printf "%s/" (trimSuffix "/" .state.subPath) }}
{{- if and (eq .source.volume .state.volume) (or (eq $source "/") (eq $state "/") (hasPrefix $source $state) (hasPrefix $state $source)) }}
{{- fail (printf "tidemark-sidecar: source and state are both on volume %q: give each a subPath outside of the other's, or the watcher would back up its own state" .source.volume) }}
{{- end }}
{{- end }}

{{- /* The watcher: for `initContainers` of a pod. It starts before the application and stops after it. */}}
{{- define "tidemark.sidecar" -}}
{{- $root := . }}
{{- with index .Values "tidemark-sidecar" }}
{{- include "tidemark.sidecar.check" . }}
{{- $root_user := or (eq .reads "all") (eq .capture "fanotify") }}
- name: tidemark
  image: {{ .image.repository }}:{{ .image.tag | default (index $root.Subcharts "tidemark-sidecar").Chart.AppVersion }}
  imagePullPolicy: {{ .image.pullPolicy }}
  restartPolicy: Always
  args:
    - watch
    - {{ .tree }}=/source
    - --data=/var/lib/tidemark
    - --bootstrap-server={{ .kafka.bootstrapServers }}
    - --topic-prefix={{ .kafka.topicPrefix }}
    {{- if or .kafka.clientProperties.secret .kafka.clientProperties.configMap }}
    - --client-properties=/etc/tidemark/kafka/{{ .kafka.clientProperties.key }}
    {{- end }}
    {{- if not .state.volume }}
    # Its state goes with the pod, so that it is another writer each time.
    - --take-over
    {{- end }}
    - --capture={{ .capture }}
    - --metrics-listen={{ .metrics.address }}:{{ .metrics.port }}
    - --log-format=json
    {{- with .args }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  env:
    - name: POD_NAME
      valueFrom:
        fieldRef: {fieldPath: metadata.name}
    {{- with .kafka.env }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- with .javaOptions }}
    - name: TIDEMARK_JAVA_OPTS
      value: {{ . | quote }}
    {{- end }}
  ports:
    - name: tidemark
      containerPort: {{ .metrics.port }}
  {{- if .holdApplication }}
  startupProbe:
    httpGet: {path: /health/live, port: tidemark}
    periodSeconds: 2
    failureThreshold: 150
  {{- end }}
  livenessProbe:
    httpGet: {path: /health/live, port: tidemark}
    {{- if not .holdApplication }}
    # Nothing is served before Kafka is reached, without which the watcher ends by itself.
    initialDelaySeconds: 120
    {{- end }}
    periodSeconds: 20
    timeoutSeconds: 5
    failureThreshold: 6
  resources:
    {{- toYaml .resources | nindent 4 }}
  securityContext:
    {{- if $root_user }}
    runAsNonRoot: false
    runAsUser: 0
    runAsGroup: 0
    {{- else }}
    runAsNonRoot: true
    runAsUser: {{ .runAsUser }}
    runAsGroup: {{ .runAsGroup }}
    {{- end }}
    # What has CAP_SYS_ADMIN has all of it in any case, and Kubernetes wants that said.
    allowPrivilegeEscalation: {{ eq .capture "fanotify" }}
    readOnlyRootFilesystem: true
    seccompProfile:
      type: RuntimeDefault
    capabilities:
      drop: [ALL]
      {{- if $root_user }}
      add:
        - DAC_READ_SEARCH # reads files and directories whatever their modes say
        {{- if eq .capture "fanotify" }}
        - SYS_ADMIN # marks a whole filesystem for fanotify
        {{- end }}
      {{- end }}
  volumeMounts:
    - name: {{ .source.volume }}
      mountPath: /source
      readOnly: true
      {{- with .source.subPath }}
      subPath: {{ . | quote }}
      {{- end }}
    - name: {{ .state.volume | default "tidemark-state" }}
      mountPath: /var/lib/tidemark
      {{- with .state.subPath }}
      subPath: {{ . | quote }}
      {{- end }}
    - name: tidemark-tmp
      mountPath: /tmp
    {{- if or .kafka.clientProperties.secret .kafka.clientProperties.configMap }}
    - name: tidemark-kafka
      mountPath: /etc/tidemark/kafka
      readOnly: true
    {{- end }}
{{- end }}
{{- end }}

{{- /* What it needs besides the application's volumes: for `volumes` of the pod. */}}
{{- define "tidemark.sidecar.volumes" -}}
{{- with index .Values "tidemark-sidecar" -}}
- name: tidemark-tmp
  emptyDir:
    sizeLimit: 1Gi
{{- if not .state.volume }}
- name: tidemark-state
  emptyDir: {}
{{- end }}
{{- with .kafka.clientProperties }}
{{- if .secret }}
- name: tidemark-kafka
  secret:
    secretName: {{ .secret | quote }}
    defaultMode: 0400
{{- else if .configMap }}
- name: tidemark-kafka
  configMap:
    name: {{ .configMap | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* An object of its own, by which the Prometheus operator finds the watcher: give it the labels of the pods. */}}
{{- define "tidemark.sidecar.podMonitor" -}}
{{- $root := first . }}
{{- $selector := last . }}
{{- with index $root.Values "tidemark-sidecar" -}}
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata:
  name: {{ $root.Release.Name }}-tidemark
  {{- with .metrics.labels }}
  labels:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  selector:
    matchLabels:
      {{- toYaml $selector | nindent 6 }}
  podMetricsEndpoints:
    - port: tidemark
      interval: {{ .metrics.interval }}
{{- end }}
{{- end }}
