{{- /* The pod's own: of a dict with "root", and "owners" root for one that gives files to others. */}}
{{- define "tidemark.podSecurity" -}}
{{- $security := .root.Values.security -}}
{{- if eq (.owners | default "none") "root" -}}
runAsUser: 0
runAsGroup: 0
seccompProfile:
  type: RuntimeDefault
{{- else -}}
runAsNonRoot: true
runAsUser: {{ $security.runAsUser }}
runAsGroup: {{ $security.runAsGroup }}
# Volumes, and the files of Secrets, are this group's: without it nobody but root could read them.
fsGroup: {{ $security.runAsGroup }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}
{{- end }}

{{- define "tidemark.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
  {{- if eq (.owners | default "none") "root" }}
  add:
    - CHOWN # gives files to their owners
    - DAC_OVERRIDE # writes in directories of others
    - FOWNER # sets modes, times and attributes of files of others
    - FSETID # keeps setgid on files of groups that are not its own
    - MKNOD # makes device nodes
    - SETFCAP # gives programs the capabilities that they have at the source
  {{- end }}
{{- end }}

{{- /* Fields that all pods begin with: of "root", "owners", "serviceAccount". */}}
{{- define "tidemark.pod" -}}
{{- if ne (.serviceAccount | default "") "none" }}
serviceAccountName: {{ include "tidemark.serviceAccount" .root }}
{{- end }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- include "tidemark.podSecurity" . | nindent 2 }}
{{- end }}

{{- define "tidemark.placement" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* A volume of one node can be reached by what runs beside its chunk-store only. */}}
{{- define "tidemark.besideStore" -}}
{{- if and (not .Values.repository.url) (not (has "ReadWriteMany" .Values.repository.volume.accessModes)) (gt (int .Values.store.replicas) 0) -}}
podAffinity:
  requiredDuringSchedulingIgnoredDuringExecution:
    - topologyKey: kubernetes.io/hostname
      labelSelector:
        matchLabels:
          {{- include "tidemark.selector" (dict "root" . "component" "store") | nindent 10 }}
{{- end }}
{{- end }}

{{- define "tidemark.probes" -}}
ports:
  - name: metrics
    containerPort: {{ .Values.metrics.port }}
# Health is told once the broker and the repository were reached, and the state was opened.
startupProbe:
  httpGet: {path: /health/live, port: metrics}
  periodSeconds: 5
  failureThreshold: 120
livenessProbe:
  httpGet: {path: /health/live, port: metrics}
  periodSeconds: 20
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /health/ready, port: metrics}
  periodSeconds: 10
  timeoutSeconds: 5
{{- end }}

{{- define "tidemark.role" -}}
- --metrics-listen={{ .Values.metrics.address }}:{{ .Values.metrics.port }}
- --log-format=json
{{- end }}
