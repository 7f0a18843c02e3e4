#!/usr/bin/env bash
# Disaster drills on one machine, each with its outcome checked: a bad deploy, the watcher's state, the
# broker and the repository are lost; the writer's host dies, and comes back with changes that nobody has
# seen. Every command is shown before it runs. Takes two or three minutes, and leaves nothing behind.
#
#   docs/demo/drills.sh [FOLDER]      # works in a new folder below it
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tidemark=${TIDEMARK:-$root/tidemark}
base=${1:-${TMPDIR:-/tmp}}
mkdir -p -- "$base"
work=$(mktemp -d -- "$base/drills.XXXXXX")
site=$work/site
standby=$work/standby
data=$work/data
mkdir -p "$site/pages"

declare -A pids=()
stop() {
  kill "-${2:-TERM}" "${pids[$1]}" 2>/dev/null || true
  wait "${pids[$1]}" 2>/dev/null || true
  unset "pids[$1]"
}
finish() {
  for name in "${!pids[@]}"; do stop "$name"; done
  [[ -n ${kept:-} ]] || rm -rf -- "$work"
}
trap finish EXIT
# shellcheck source=docs/demo/steps.sh
source "$root/docs/demo/steps.sh"

# role NAME ARGUMENTS...: a role that stays, in the background; its output goes to NAME.log, anew each time.
role() {
  local name=$1
  shift
  printf '$ tidemark %s &\n' "$*"
  "$tidemark" "$@" >"$work/$name.log" 2>&1 &
  pids[$name]=$!
}
ready() { grep -q '^ready: tree web' "$work/up.log"; }
sealed() { "$tidemark" status --data "$data" --json | grep -q '"unsealedChanges":0'; }
plan() { "$tidemark" rebuild --data "$data" >"$work/rebuild.log"; }
up() {
  role up up "web=$site" --standby "$standby" --data "$data" "$@"
  until_true 'up' ready
  until_true 'the standby' same "$site" "$standby"
  until_true 'sealing' sealed
}

say "A tree, its standby and its repository"
for page in 1 2 3; do echo "page $page" >"$site/pages/$page.html"; done
up
run tag web good --wait --data "$data"
cp -a "$site" "$work/good"

say "A bad deploy: the state before it is restored in place"
rm -r "$site/pages"
echo 'broken' >"$site/index.html"
until_true 'the standby' same "$site" "$standby"
run restore web --at tag:good --to "$site" --delete --data "$data"
same "$site" "$work/good"
until_true 'the standby' same "$site" "$standby"

say "The watcher's state is lost: a full scan"
stop up
rm -r "$data/watcher"
echo 'changed meanwhile' >"$site/index.html"
up --take-over

say "The broker's data is lost: a new log, the history goes on"
stop up
rm -r "$data/broker"
up
run restore web --at tag:good --to "$work/after-broker" --data "$data"
same "$work/after-broker" "$work/good"

say "The repository is lost: a new one, from the sources"
stop up
rm -r "$data/repository"
printf '$ tidemark rebuild --data %s\n' "$data"
until_true 'what is lost' plan
cat "$work/rebuild.log"
run rebuild --data "$data" --lost "$(sed -n 's/.*--lost \([0-9a-f-]*\).*/\1/p' "$work/rebuild.log")"
up
run drill web --at now --scratch "$work" --data "$data"

say "The writer's host dies with changes that nobody has seen; the standby's host takes over"
broker=$(sed -n 's/^started: broker \([^,]*\),.*/\1/p' "$work/up.log" | head -1)
where=(--bootstrap-server "$broker" --repository "$data/repository")
mkdir -p "$work/host0/shop"
echo 'an order' >"$work/host0/shop/1"
role host0 member "shop=$work/host0/shop" --as writer --name host0 "${where[@]}" --data "$work/host0/data"
until_true 'the first scan' grep -q '^ready: tree shop' "$work/host0.log"
role host1 member "shop=$work/host1/shop" --as standby --name host1 "${where[@]}" --data "$work/host1/data"
until_true 'host1' same "$work/host0/shop" "$work/host1/shop"
stop host0 KILL
echo 'an order that only host0 has' >"$work/host0/shop/2"
run promote shop --data "$work/host1/data"
echo 'an order at host1' >"$work/host1/shop/3"

say "It comes back believing to be the writer: it stands by, and what it had is kept aside"
role host0 member "shop=$work/host0/shop" --name host0 "${where[@]}" --data "$work/host0/data"
until_true 'host0' same "$work/host1/shop" "$work/host0/shop"
grep -r 'an order that only host0 has' "$work/host0/data/standby/shop/kept-aside"

say "Everything but the repository is lost: it is restored without a broker"
until_true 'sealing' sealed
cp -a "$site" "$work/last"
for name in host0 host1 up; do stop "$name"; done
run restore web --to "$work/from-nothing" --repository "$data/repository"
same "$work/from-nothing" "$work/last"

say "All drills ended as they should"
