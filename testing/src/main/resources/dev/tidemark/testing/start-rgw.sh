# Read from standard input by bash -s PORT MON-PORT BUCKET ACCESS-KEY SECRET-KEY; whole before anything runs.
main() {
  local port=$1 mon_port=$2 bucket=$3 key=$4 secret=$5
  dir=$(mktemp -d /tmp/tidemark-rgw.XXXXXX) || exit 1
  trap finish EXIT
  mkdir -p "$dir"/{mon,osd,log,run,rgw}
  export CEPH_CONF=$dir/ceph.conf
  local id
  id=$(cat /proc/sys/kernel/random/uuid)
  cat >"$CEPH_CONF" <<CONF
[global]
fsid = $id
keyring = $dir/keyring
mon host = [v2:127.0.0.1:$mon_port]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
ms bind msgr1 = false
run dir = $dir/run
admin socket = $dir/run/\$name.asok
log file = $dir/log/\$name.log
pid file = $dir/run/\$name.pid
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon allow pool delete = true
osd crush chooseleaf type = 0
mon max pg per osd = 1000
mon osd max initial pgs = 1000
[mon.a]
mon data = $dir/mon
mon data avail crit = 1
[osd.0]
osd data = $dir/osd
osd objectstore = bluestore
bluestore block create = true
bluestore block size = 5368709120
bluestore block wal create = false
bluestore block db create = false
osd memory target = 939524096
bluestore cache autotune = false
bluestore cache size = 134217728
osd class dir = /usr/lib/x86_64-linux-gnu/rados-classes
[client.rgw.a]
rgw frontends = beast endpoint=127.0.0.1:$port
rgw data = $dir/rgw
rgw enable ops log = false
rgw enable usage log = false
rgw gc max objs = 8
rgw num rados handles = 1
rgw thread pool size = 64
rgw enable apis = s3, admin
CONF
  ceph-authtool -C "$dir/keyring" -n mon. --gen-key --cap mon 'allow *' >"$dir/log/keys"
  ceph-authtool "$dir/keyring" -n client.admin --gen-key --cap mon 'allow *' --cap osd 'allow *' >>"$dir/log/keys"
  ceph-authtool "$dir/keyring" -n osd.0 --gen-key --cap mon 'allow profile osd' --cap osd 'allow *' >>"$dir/log/keys"
  ceph-authtool "$dir/keyring" -n client.rgw.a --gen-key --cap mon 'allow rw' --cap osd 'allow rwx' >>"$dir/log/keys"
  monmaptool --create --fsid "$id" --addv a "[v2:127.0.0.1:$mon_port]" "$dir/monmap" >"$dir/log/monmap"
  ceph-mon --mkfs -i a --monmap "$dir/monmap" --keyring "$dir/keyring" --setuser root --setgroup root || exit 1
  ceph-mon -i a || exit 1
  local osd
  osd=$(cat /proc/sys/kernel/random/uuid)
  timeout 30 ceph osd new "$osd" >"$dir/log/osd-new" || exit 1
  ceph-osd -i 0 --mkfs --osd-uuid "$osd" >"$dir/log/mkfs" 2>&1 || { tail -5 "$dir/log/mkfs"; exit 1; }
  ceph-osd -i 0 >"$dir/log/osd" 2>&1 || exit 1
  for ((i = 0; i < 100; i++)); do
    timeout 5 ceph osd stat 2>>"$dir/log/stat" | grep -q '1 up' && break
    sleep 0.2
  done
  radosgw -n client.rgw.a >"$dir/log/rgw" 2>&1 || exit 1
  for ((i = 0; i < 600; i++)); do
    [[ $(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/") == 200 ]] && break
    sleep 0.1
  done
  radosgw-admin user create --uid=test --display-name=test --access-key="$key" --secret-key="$secret" \
    >"$dir/log/user" 2>&1 || { tail -5 "$dir/log/user"; exit 1; }
  [[ $(curl -s -o "$dir/log/bucket" -w '%{http_code}' -X PUT \
    -H "x-amz-content-sha256: $(printf '' | sha256sum | cut -d' ' -f1)" --aws-sigv4 aws:amz:us-east-1:s3 --user "$key:$secret" \
    "http://127.0.0.1:$port/$bucket") == 200 ]] || { cat "$dir/log/bucket"; exit 1; }
  echo ready
  # Until whoever started this is gone, or closes.
  cat >/dev/null
}

finish() {
  local name pid
  for name in client.rgw.a osd.0 mon.a; do
    [[ -f $dir/run/$name.pid ]] || continue
    pid=$(<"$dir/run/$name.pid")
    # Nothing of it is kept, and its orderly end takes seconds.
    kill -9 "$pid"
  done
  rm -rf -- "$dir"
}

main "$@"
