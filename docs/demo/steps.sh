# What the demonstrations have in common, for them to source. Whoever does sets `tidemark` and `work`.
# shellcheck shell=bash disable=SC2154

say() { printf '\n== %s\n' "$*"; }
run() {
  printf '$ tidemark %s\n' "$*"
  "$tidemark" "$@"
}
# until_true WHAT COMMAND...: waits for a condition, two minutes at most.
until_true() {
  local what=$1 tenth
  shift
  for ((tenth = 0; tenth < 1200; tenth++)); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.1
  done
  kept=yes
  printf 'not within two minutes: %s; the logs are in %s\n' "$what" "$work" >&2
  exit 1
}
same() { diff -r "$1" "$2"; }
