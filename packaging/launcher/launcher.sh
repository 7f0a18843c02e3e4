# What the launchers of the source tree and of the packages have in common, for both to source: where Java is found, its
# options for each role, and how the ahead-of-time caches are made and used. Whoever sources it sets
#   class_path   the program's jars, as java -cp takes them
#   caches       the folder of the ahead-of-time caches
# shellcheck shell=bash disable=SC2154

fail() {
  printf 'tidemark: %s\n' "$*" >&2
  exit 1
}

# True if $1 is the folder of a JDK or JRE 25.
is_jdk_25() {
  [[ -x $1/bin/java && -r $1/release ]] || return 1
  local line
  while IFS= read -r line; do
    [[ $line == 'JAVA_VERSION="25"'* || $line == 'JAVA_VERSION="25.'* ]] && return 0
  done <"$1/release"
  return 1
}

find_jdk() {
  local candidate path
  if [[ -n ${TIDEMARK_JAVA:-} ]]; then
    candidate=${TIDEMARK_JAVA%/bin/java}
    is_jdk_25 "$candidate" || fail "TIDEMARK_JAVA=$TIDEMARK_JAVA is not a JDK 25: its file 'release' must say JAVA_VERSION=\"25…\"."
    jdk=$candidate
    return
  fi
  for candidate in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    if [[ -n $candidate ]] && is_jdk_25 "$candidate"; then
      jdk=$candidate
      return
    fi
  done
  if path=$(command -v java) && path=$(readlink -f -- "$path") && is_jdk_25 "${path%/bin/java}"; then
    jdk=${path%/bin/java}
    return
  fi
  fail 'no JDK 25 found in JAVA_HOME, /usr/lib/jvm or PATH. Install one (for example temurin-25-jdk from https://adoptium.net), or set TIDEMARK_JAVA to its folder.'
}

# Takes the jars of the folder $1, in one order everywhere: a cache fits the class path that it was made with.
name_jars() {
  local LC_ALL=C IFS=: jars
  jars=("$1"/*.jar)
  class_path="${jars[*]}"
}

# Options of the roles that move data. Hashing and cutting are the hot loops of all of them: in the first minute, thousands
# of methods wait for the compiler, and without a place at the head of that queue the two were interpreted for all of it.
role_options=(
  --enable-native-access=ALL-UNNAMED
  --sun-misc-unsafe-memory-access=allow
  -XX:+UseCompactObjectHeaders
  -XX:CompileCommand=quiet
  '-XX:CompileCommand=BackgroundCompilation,sun.security.provider.DigestBase::implCompressMultiBlock*,false'
  -XX:CompileCommand=BackgroundCompilation,dev.tidemark.watcher.chunk.Chunker::cut,false
)

# Options of the commands that read a repository. Most of what they run is run for a moment, and to optimise it cost more
# than it gave: only what is very hot is, and hashing, which the optimising compiler alone has in hardware, at once.
reader_options=(
  -XX:+UseSerialGC
  -XX:Tier4InvocationThreshold=100000
  -XX:Tier4MinInvocationThreshold=12000
  -XX:Tier4CompileThreshold=300000
  -XX:Tier4BackEdgeThreshold=800000
  '-XX:CompileCommand=CompileThresholdScaling,sun.security.provider.DigestBase::implCompressMultiBlock*,0.02'
  '-XX:CompileCommand=CompileThresholdScaling,sun.security.provider.SHA2::implCompress*,0.02'
)

# The caches, in the folder $1.
name_caches() {
  roles_cache=$1/tidemark.aot
  readers_cache=$1/tidemark-readers.aot
  buckets_cache=$1/tidemark-buckets.aot
}

# Runs the main job once on a small tree and keeps what the JVM learns from it (classes, profiles): the roles then start
# sooner and need a third less processor time in their first minute. What reads gets a cache of its own, by restoring that
# tree: loading what a broker is made of would take longer than what it has to do. So does what reads a bucket. Without the
# caches all works the same. $1 is a folder for temporary files, the others make up the tree.
train() {
  local work pid second sealed
  name_caches "$caches"
  rm -rf -- "$1"/train.*
  work=$(mktemp -d -- "$1/train.XXXXXX") || return
  mkdir "$work/source"
  cp -r -- "${@:2}" "$work/source/"
  LC_ALL=C.UTF-8 "$jdk/bin/java" "${role_options[@]}" -XX:+UseParallelGC -Xmx1g "-XX:AOTCacheOutput=$work/cache" -cp "$class_path" \
    dev.tidemark.cli.Main up "train=$work/source" --standby "$work/standby" --data "$work/data" >"$work/log" 2>&1 </dev/null &
  pid=$!
  for ((second = 0; second < 180; second++)); do
    sleep 1
    sealed=("$work/data/repository/trees/train/log/"*)
    grep -q '^ready' "$work/log" && [[ -e ${sealed[0]} ]] && break
    kill -0 "$pid" 2>/dev/null || break
  done
  kill "$pid" 2>/dev/null
  wait "$pid"
  [[ -s $work/cache ]] && mv -- "$work/cache" "$roles_cache"
  # Of a restore that failed little is learnt: no cache is better than that one, which nobody would notice.
  LC_ALL=C.UTF-8 "$jdk/bin/java" "${role_options[@]}" "${reader_options[@]}" -Xmx512m "-XX:AOTCacheOutput=$work/readers" \
    -cp "$class_path" dev.tidemark.cli.Main restore train --to "$work/restored" --repository "$work/data/repository" \
    >"$work/readers.log" 2>&1 </dev/null &&
    [[ -s $work/readers ]] && mv -- "$work/readers" "$readers_cache"
  # No store answers there: what a client is made of is learnt all the same, and that is most of what it takes to start.
  AWS_ACCESS_KEY_ID=train AWS_SECRET_ACCESS_KEY=train LC_ALL=C.UTF-8 "$jdk/bin/java" "${role_options[@]}" "${reader_options[@]}" \
    -Xmx512m "-XX:AOTCacheOutput=$work/buckets" -cp "$class_path" dev.tidemark.cli.Main \
    restore train --to "$work/restored" --repository 's3://train/train?endpoint=http://127.0.0.1:9' \
    >"$work/buckets.log" 2>&1 </dev/null
  [[ -s $work/buckets ]] && mv -- "$work/buckets" "$buckets_cache"
  rm -rf -- "$work"
}

# Becomes the program, with the arguments given.
launch() {
  local size command='' argument cache options
  # File names are bytes: with a UTF-8 locale Java keeps those of arguments and folders as they are.
  export LC_ALL=C.UTF-8

  # The width for the status line, of the terminal that it is shown on.
  if [[ -t 2 ]] && size=$(stty size <&2 2>/dev/null); then
    export COLUMNS=${size#* }
  fi

  name_caches "$caches"
  cache=$roles_cache
  for argument in "$@"; do
    if [[ $argument != -* ]]; then
      command=$argument
      break
    fi
  done
  options=("${role_options[@]}")
  case $command in
    up)
      options+=(-XX:+UseParallelGC -Xmx1g -XX:MaxDirectMemorySize=512m) ;;
    store)
      options+=(-XX:+UseParallelGC -Xmx768m -XX:MaxDirectMemorySize=256m) ;;
    watch)
      # It runs beside what it watches: a small heap that grows only with need. No slower here, and a third less memory.
      options+=(-XX:+UseSerialGC -Xms32m -Xmx512m -XX:MaxDirectMemorySize=256m) ;;
    mirror | member)
      options+=(-XX:+UseParallelGC -Xmx512m -XX:MaxDirectMemorySize=256m) ;;
    restore | drill)
      options+=("${reader_options[@]}" -Xmx512m -XX:MaxDirectMemorySize=256m)
      cache=$readers_cache ;;
    *)
      options=(
        --enable-native-access=ALL-UNNAMED
        --sun-misc-unsafe-memory-access=allow
        -XX:+UseCompactObjectHeaders
        -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xms16m -Xmx512m -XX:MaxDirectMemorySize=128m
      )
      cache=$readers_cache ;;
  esac
  [[ $cache == "$readers_cache" && " $*" =~ [\ =]s3:// ]] && cache=$buckets_cache
  if [[ -f $cache && ${TIDEMARK_AOT:-} != off ]]; then
    # A cache that does not fit (another JDK) is left unused, without a word.
    options+=("-XX:AOTCache=$cache" -XX:AOTMode=auto "-Xlog:aot*=off" "-Xlog:cds*=off")
  fi
  # shellcheck disable=SC2206 # several options in one variable are meant to be split
  options+=(${TIDEMARK_JAVA_OPTS:-})

  exec "$jdk/bin/java" "${options[@]}" -cp "$class_path" dev.tidemark.cli.Main "$@"
}
