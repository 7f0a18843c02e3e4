#!/usr/bin/env bash
# A fleet on one machine: a tree that is written, three standbys that follow it (one of them some
# seconds behind on purpose), a mistake, all standbys put back to before it, and a standby that takes
# over. Every command is shown before it runs. Takes about two minutes, and leaves nothing behind.
#
#   docs/demo/fleet.sh [FOLDER]      # works in a new folder below it
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tidemark=$root/tidemark
base=${1:-${TMPDIR:-/tmp}}
mkdir -p -- "$base"
work=$(mktemp -d -- "$base/fleet.XXXXXX")
site=$work/host0/site
mkdir -p "$site"

pids=()
finish() {
  for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
    kill "${pids[i]}" 2>/dev/null || true
    wait "${pids[i]}" 2>/dev/null || true
  done
  [[ -n ${kept:-} ]] || rm -rf -- "$work"
}
trap finish EXIT
# shellcheck source=docs/demo/steps.sh
source "$root/docs/demo/steps.sh"

# role LOG ARGUMENTS...: a role that stays, in the background.
role() {
  local log=$work/$1.log
  shift
  printf '$ tidemark %s &\n' "$*"
  "$tidemark" "$@" >"$log" 2>&1 &
  pids+=($!)
}

say "Broker, chunk-store and repository in one process, which also keeps a tree of its own"
echo 'hello' >"$site/index.html"
mkdir "$site/pages"
for page in 1 2 3; do echo "page $page" >"$site/pages/$page.html"; done
mkdir "$work/notes"
role up up "notes=$work/notes" --data "$work/data"
until_true 'the broker' grep -q '^started: broker' "$work/up.log"
broker=$(sed -n 's/^started: broker \([^,]*\),.*/\1/p' "$work/up.log" | head -1)
where=(--bootstrap-server "$broker" --repository "$work/data/repository")

say "The host that writes, and three standbys"
role host0 member "web=$site" --as writer --name host0 "${where[@]}" --data "$work/host0/data"
until_true 'the first scan' grep -q '^ready: tree web' "$work/host0.log"
role host1 member "web=$work/host1/site" --as standby --name host1 "${where[@]}" --data "$work/host1/data"
role host2 mirror web --to "$work/host2/site" --name host2 "${where[@]}" --data "$work/host2/data"
role host3 mirror web --to "$work/host3/site" --name host3 --delay 20s "${where[@]}" --data "$work/host3/data"
for host in 1 2; do until_true "host$host" same "$site" "$work/host$host/site"; done

say "A save is on the standbys a moment later"
echo 'better' >"$site/index.html"
for host in 1 2; do until_true "host$host" same "$site" "$work/host$host/site"; done
head "$work"/host[12]/site/index.html

say "An instant gets a name"
run tag web good --wait --data "$work/data"

say "A mistake, which all standbys that keep up share at once"
rm -r "$site/pages"
echo 'broken' >"$site/index.html"
for host in 1 2; do until_true "host$host" same "$site" "$work/host$host/site"; done
run status --data "$work/data"

say "The one that stays behind still has what was removed, for some seconds"
ls "$work/host3/site" 2>/dev/null || true

say "One command puts a standby at the instant before"
run restore web --at tag:good --on host2 --data "$work/data"
ls "$work/host2/site/pages"

say "From there it can be copied back; or restored, here by the host that writes"
run restore web --at tag:good --to "$site" --delete --data "$work/data"
run resume web --on host2 --data "$work/data"
for host in 1 2; do until_true "host$host" same "$site" "$work/host$host/site"; done

say "What happened to a page"
run log web pages/1.html --data "$work/data"

say "The writer dies; a standby takes over"
kill -9 "${pids[1]}"
wait "${pids[1]}" 2>/dev/null || true
echo 'written after its last sign of life' >"$site/index.html"
run promote web --data "$work/host1/data"
echo 'by host1' >"$work/host1/site/index.html"
until_true 'host2' same "$work/host1/site" "$work/host2/site"

say "It comes back, stands by, and keeps aside what nobody has seen"
role host0-again member "web=$site" --name host0 "${where[@]}" --data "$work/host0/data"
until_true 'host0' same "$work/host1/site" "$site"
grep -A1 '^kept aside' "$work/host0-again.log"
run status --data "$work/data"
