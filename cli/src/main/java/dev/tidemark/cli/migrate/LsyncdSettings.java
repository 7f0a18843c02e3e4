package dev.tidemark.cli.migrate;

import java.util.Map;
import java.util.Optional;

/** What becomes of settings of lsyncd and of rsync, in words. */
final class LsyncdSettings {
  private static final String KEPT = "always so: all that docs/fidelity.md lists is kept";
  private static final String NONE = "no counterpart: ";
  private static final String NOT_NEEDED = "not needed: ";

  private static final String BOUNDED =
      NOT_NEEDED + "what waits is bounded by a set of paths, not by events";
  private static final String NO_PROCESS =
      NOT_NEEDED + "no process is started for a transfer; one log for all";

  private static final Map<String, String> GLOBAL =
      Map.ofEntries(
          Map.entry("logfile", "messages go to standard error, so to the journal"),
          Map.entry("logident", "messages go to standard error, so to the journal"),
          Map.entry("logfacility", "messages go to standard error, so to the journal"),
          Map.entry("log", "--verbose, and --log-format json"),
          Map.entry("pidfile", NOT_NEEDED + "the service manager knows the process"),
          Map.entry("nodaemon", NOT_NEEDED + "a role stays in the foreground, under systemd"),
          Map.entry("statusFile", "`tidemark status --json`, and --metrics-listen of each role"),
          Map.entry("statusInterval", "`tidemark status --json` tells of now"),
          Map.entry("insist", "always so: a role waits for the broker, and is started again"),
          Map.entry("inotifyMode", "--capture; closing and quiet files are both looked at"),
          Map.entry("maxDelays", BOUNDED),
          Map.entry("maxProcesses", NO_PROCESS));

  private static final Map<String, String> SYNC =
      Map.ofEntries(
          Map.entry(
              "delay",
              NOT_NEEDED
                  + "a file goes out when it has been quiet for 100 ms, and after 5 s at the"
                  + " latest; --delay of a mirror is something else: it stays behind on purpose"),
          Map.entry("maxDelays", BOUNDED),
          Map.entry("maxProcesses", NO_PROCESS),
          Map.entry("batchSizeLimit", NOT_NEEDED + "changes are batched by themselves"),
          Map.entry("ssh", "hosts meet at the broker: TLS and a login by --client-properties"),
          Map.entry("tunnel", "hosts meet at the broker: TLS and a login by --client-properties"),
          Map.entry(
              "crontab", NOT_NEEDED + "the whole tree is compared by --reconcile-interval, a day"),
          Map.entry("filter", NONE + "write it as --exclude and --include by hand"),
          Map.entry("filterFrom", NONE + "write it as --exclude and --include by hand"));

  private static final Map<String, String> RSYNC =
      Map.ofEntries(
          Map.entry("archive", KEPT),
          Map.entry("perms", KEPT),
          Map.entry("times", KEPT),
          Map.entry("links", KEPT),
          Map.entry("devices", KEPT),
          Map.entry("specials", KEPT),
          Map.entry("acls", KEPT),
          Map.entry("xattrs", KEPT),
          Map.entry("hard_links", KEPT),
          Map.entry("sparse", KEPT),
          Map.entry("owner", KEPT + "; the mirror needs root for it, --owner-map gives others"),
          Map.entry("group", KEPT + "; the mirror needs root for it, --group-map gives others"),
          Map.entry("compress", "always so: chunks are compressed once, at the watcher"),
          Map.entry("checksum", NOT_NEEDED + "every chunk is checked against its hash"),
          Map.entry("whole_file", NOT_NEEDED + "of a changed file only new chunks travel"),
          Map.entry("inplace", NONE + "a file appears whole or not at all"),
          Map.entry("temp_dir", NONE + "files are made beside the target, on its filesystem"),
          Map.entry(
              "bwlimit",
              NONE + "limit the watcher's user on the broker: a quota, producer_byte_rate"),
          Map.entry("timeout", NOT_NEEDED + "a lost broker is waited for"),
          Map.entry(
              "update", NONE + "the mirror undoes what others change on it, and keeps a copy"),
          Map.entry("copy_links", NONE + "symlinks are kept as symlinks"),
          Map.entry("copy_dirlinks", NONE + "symlinks are kept as symlinks"),
          Map.entry("keep_dirlinks", NONE + "a directory takes the place of the symlink"),
          Map.entry("chmod", NONE + "modes are those of the source"),
          Map.entry("chown", "--owner-map '*=USER' and --group-map '*=GROUP' of the mirror"),
          Map.entry("omit_dir_times", NONE + "directories' times are kept"),
          Map.entry("omit_link_times", NONE + "symlinks' times are kept"),
          Map.entry("one_file_system", "always so, unless --cross-mounts is given to the watcher"),
          Map.entry("numeric_ids", "--numeric-ids of the mirror, in the lines above"),
          Map.entry("dry_run", "`tidemark restore --dry-run` tells what a restore would do"),
          Map.entry("rsh", "hosts meet at the broker: TLS and a login by --client-properties"),
          Map.entry("rsync_path", NOT_NEEDED + "no rsync runs"),
          Map.entry("binary", NOT_NEEDED + "no rsync runs"),
          Map.entry("verbose", "--verbose"),
          Map.entry("quiet", NOT_NEEDED + "little is printed"),
          Map.entry("stats", "`tidemark status`, `tidemark stats`"),
          Map.entry("password_file", "a login of the broker's, in the file of --client-properties"),
          Map.entry("ignore_times", NOT_NEEDED + "what changed is known by more than its time"),
          Map.entry("bulk", NOT_NEEDED + "changes are batched by themselves"));

  private static final Map<String, String> SHORT =
      Map.ofEntries(
          Map.entry("a", "archive"),
          Map.entry("z", "compress"),
          Map.entry("c", "checksum"),
          Map.entry("W", "whole_file"),
          Map.entry("u", "update"),
          Map.entry("L", "copy_links"),
          Map.entry("H", "hard_links"),
          Map.entry("A", "acls"),
          Map.entry("X", "xattrs"),
          Map.entry("S", "sparse"),
          Map.entry("x", "one_file_system"),
          Map.entry("p", "perms"),
          Map.entry("t", "times"),
          Map.entry("o", "owner"),
          Map.entry("g", "group"),
          Map.entry("l", "links"),
          Map.entry("D", "devices"),
          Map.entry("O", "omit_dir_times"),
          Map.entry("v", "verbose"),
          Map.entry("q", "quiet"),
          Map.entry("n", "dry_run"));

  private static final String BY_HAND = "not known here: look at it by hand";
  private static final String HOOK =
      NONE
          + "lsyncd runs it at the source; `mirror --on-change COMMAND` runs one on the standby,"
          + " after changes are visible, and TIDEMARK_TREE, TIDEMARK_DIR and TIDEMARK_SEQUENCE tell"
          + " of what";

  private LsyncdSettings() {}

  static String ofGlobal(String name) {
    return GLOBAL.getOrDefault(name, SYNC.getOrDefault(name, BY_HAND));
  }

  static String ofSync(String name) {
    return name.startsWith("on")
            || name.equals("action")
            || name.equals("init")
            || name.equals("collect")
            || name.equals("prepare")
        ? HOOK
        : SYNC.getOrDefault(name, BY_HAND);
  }

  static String ofRsync(String name, Object value) {
    String said = RSYNC.getOrDefault(name, BY_HAND);
    return value.equals(false) && said.startsWith(KEPT)
        ? NONE + "it cannot be left out; " + said
        : said;
  }

  /** What an option of rsync's command line is called in a configuration; empty for several. */
  static Optional<String> nameOfOption(String option) {
    if (option.startsWith("--")) {
      return Optional.of(option.substring(2).split("=", 2)[0].replace('-', '_'));
    }
    return option.length() == 2
        ? Optional.ofNullable(SHORT.get(option.substring(1)))
        : Optional.empty();
  }

  /** Of rsync's one-letter options that are written together. */
  static Optional<String> nameOfLetter(char letter) {
    return Optional.ofNullable(SHORT.get(String.valueOf(letter)));
  }

  static String byHand() {
    return BY_HAND;
  }
}
