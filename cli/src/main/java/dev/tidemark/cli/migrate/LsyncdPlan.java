package dev.tidemark.cli.migrate;

import dev.tidemark.cli.migrate.LsyncdConfig.Sync;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What takes the place of a configuration of lsyncd: a tree for each source, a standby for each
 * target, and a word on each setting.
 *
 * @param topics the command that makes the topics
 * @param store the service that writes the repository
 */
public record LsyncdPlan(String topics, Service store, List<Tree> trees, List<Setting> settings) {
  /**
   * Something that runs all the while.
   *
   * @param host where it does
   * @param unit of systemd
   * @param name of its file {@code /etc/tidemark/NAME.conf}
   * @param lines of that file
   * @param arguments of the program, as the unit makes them of the file
   */
  public record Service(
      String host, String unit, String name, List<String> lines, String arguments) {
    public Service {
      lines = List.copyOf(lines);
    }
  }

  /** One source. */
  public record Tree(String name, String source, Service watch, List<Service> mirrors) {}

  /**
   * A setting and what becomes of it.
   *
   * @param where the tree, or empty for all
   * @param isLoss whether something is different afterwards, so that it has to be looked at
   */
  public record Setting(String where, String name, String value, String becomes, boolean isLoss) {}

  /** Where the new parts meet. */
  public record Places(String bootstrapServer, String repository) {}

  private static final String HERE = "this host";
  private static final Pattern OF_SYSTEMD = Pattern.compile("[\\s\\\\'\"$]");
  private static final String NAME = "[a-z0-9][a-z0-9._-]{0,62}";

  public LsyncdPlan {
    trees = List.copyOf(trees);
    settings = settings.stream().distinct().toList();
  }

  /** Makes the plan; what several targets of a tree have in common is told once. */
  public static LsyncdPlan of(LsyncdConfig config, Places places) {
    Map<String, List<Sync>> bySource = new LinkedHashMap<>();
    for (Sync sync : config.syncs()) {
      bySource.computeIfAbsent(sync.source(), _ -> new ArrayList<>()).add(sync);
    }
    String log = " --bootstrap-server " + places.bootstrapServer();
    List<Setting> settings = new ArrayList<>();
    new TreeMap<>(config.settings())
        .forEach(
            (name, value) -> settings.add(setting("", name, value, LsyncdSettings.ofGlobal(name))));
    Map<String, String> names = names(List.copyOf(bySource.keySet()));
    List<Tree> trees = new ArrayList<>();
    bySource.forEach(
        (source, syncs) -> {
          String name = names.getOrDefault(source, "tree");
          trees.add(tree(name, syncs, log, places, settings));
        });
    return new LsyncdPlan(
        "tidemark topics create --replication 3" + log,
        new Service(
            HERE,
            "tidemark-store",
            "store",
            List.of(
                "TIDEMARK_REPOSITORY=" + places.repository(),
                "TIDEMARK_BROKER=" + places.bootstrapServer()),
            "store --repository " + places.repository() + log),
        trees,
        settings);
  }

  private static Tree tree(
      String name, List<Sync> syncs, String log, Places places, List<Setting> settings) {
    String source = syncs.getFirst().source();
    StringBuilder excludes = new StringBuilder();
    for (String pattern : commonExcludes(name, syncs, settings)) {
      excludes.append(" --exclude ").append(ExcludePattern.toGitignore(pattern));
    }
    List<Service> mirrors = new ArrayList<>();
    Set<String> instances = new HashSet<>();
    for (Sync sync : syncs) {
      tellOfQuoting(name, sync, settings);
      mirrors.add(mirror(name, sync, log, places, instances));
      addSettings(name, sync, settings);
    }
    Service watch =
        new Service(
            HERE,
            "tidemark-watch@" + name,
            "watch-" + name,
            List.of(
                "TIDEMARK_DIR=" + source,
                "TIDEMARK_BROKER=" + places.bootstrapServer(),
                "TIDEMARK_ARGS=" + excludes.toString().strip()),
            "watch " + name + "=" + source + excludes + log);
    return new Tree(name, source, watch, mirrors);
  }

  private static void tellOfQuoting(String tree, Sync sync, List<Setting> settings) {
    List<String> all =
        new ArrayList<>(sync.excludes().stream().map(ExcludePattern::toGitignore).toList());
    all.addAll(List.of(sync.source(), sync.target().directory()));
    for (String text : all.stream().filter(OF_SYSTEMD.asPredicate()).toList()) {
      settings.add(
          new Setting(
              tree,
              "quoting",
              text,
              "systemd cuts what a .conf says at spaces, and takes quotes and backslashes for its"
                  + " own: put patterns into a file for --exclude-from, and a path into ExecStart"
                  + " of a drop-in",
              true));
    }
  }

  /** A standby cannot leave out what another one of its tree has. */
  private static List<String> commonExcludes(
      String tree, List<Sync> syncs, List<Setting> settings) {
    List<String> common = new ArrayList<>(syncs.getFirst().excludes());
    Set<String> all = new HashSet<>();
    for (Sync sync : syncs) {
      common.retainAll(sync.excludes());
      all.addAll(sync.excludes());
    }
    for (String pattern : common) {
      settings.add(
          setting(tree, "exclude", pattern, "--exclude " + ExcludePattern.toGitignore(pattern)));
    }
    common.forEach(all::remove);
    for (String pattern : all.stream().sorted().toList()) {
      settings.add(
          new Setting(
              tree,
              "exclude",
              pattern,
              "of some targets only: a standby has all of its tree, or parts of it by --path",
              true));
    }
    return common.stream().distinct().toList();
  }

  private static Service mirror(
      String tree, Sync sync, String log, Places places, Set<String> instances) {
    String host = sync.target().isLocal() ? HERE : sync.target().host();
    String instance = "mirror-" + tree;
    StringBuilder options = new StringBuilder();
    int number = 1;
    while (!instances.add(host + "/" + instance)) {
      number++;
      instance = "mirror-" + tree + "-" + number;
    }
    if (number > 1 || sync.target().isLocal()) {
      // The default is the host's name, which another standby of the tree may have.
      options.append(" --name ").append(number > 1 ? "standby-" + number : "standby");
    }
    if (sync.rsync().getOrDefault("numeric_ids", false).equals(true)) {
      options.append(" --numeric-ids");
    }
    options.append(" --repository ").append(places.repository());
    String start = "mirror " + tree + " --to " + directory(sync);
    if (number > 1) {
      // Its unit goes by the tree, and has one folder.
      String data = "/var/lib/tidemark/" + number;
      return new Service(
          host,
          "tidemark@" + instance,
          instance,
          List.of("TIDEMARK_DATA=" + data, "TIDEMARK_ARGS=" + start + options + log),
          start + options + log + " --data " + data);
    }
    return new Service(
        host,
        "tidemark-mirror@" + tree,
        instance,
        List.of(
            "TIDEMARK_DIR=" + directory(sync),
            "TIDEMARK_BROKER=" + places.bootstrapServer(),
            "TIDEMARK_ARGS=" + options.toString().strip()),
        start + options + log);
  }

  private static String directory(Sync sync) {
    String directory = sync.target().directory();
    if (sync.target().isModule()) {
      return "PATH-OF-" + directory;
    }
    return directory.isEmpty() ? "DIR" : directory;
  }

  private static void addSettings(String tree, Sync sync, List<Setting> settings) {
    if (sync.layer().equals("own")) {
      settings.add(
          new Setting(
              tree,
              "sync",
              "a layer of its own",
              "no counterpart: what its functions do is not looked at; a standby is a copy of the"
                  + " tree",
              true));
    }
    if (sync.target().isModule()) {
      settings.add(
          new Setting(
              tree,
              "target",
              sync.target().host() + "::" + sync.target().directory(),
              "put the module's path, which rsyncd.conf of that host has, in place of PATH-OF-…",
              true));
    }
    Map<String, Object> others = new TreeMap<>(sync.others());
    Object delete = others.remove("delete");
    if (delete != null) {
      settings.add(delete(tree, delete));
    }
    if (others.remove("excludeFrom") instanceof String file) {
      settings.add(
          new Setting(
              tree,
              "excludeFrom",
              file,
              "cannot be read here: write it as .gitignore has it, and give --exclude-from to the"
                  + " watcher",
              true));
    }
    others.forEach(
        (name, value) -> settings.add(setting(tree, name, value, LsyncdSettings.ofSync(name))));
    sync.rsync()
        .forEach(
            (name, value) ->
                settings.add(
                    setting(tree, "rsync." + name, value, LsyncdSettings.ofRsync(name, value))));
  }

  private static Setting delete(String tree, Object value) {
    boolean isUsual = value.equals(true);
    return new Setting(
        tree,
        "delete",
        value.toString(),
        isUsual
            ? "always so: what is removed at the source is removed from a standby; the history has"
                + " it"
            : "no counterpart: a standby loses what the source loses, and at its first start with"
                + " --take-over what the source has not, a copy of which is kept aside; what was"
                + " removed is in the history, for as long as `tidemark retain` keeps it",
        !isUsual);
  }

  private static Setting setting(String where, String name, Object value, String becomes) {
    boolean isLoss =
        becomes.startsWith("no counterpart") || becomes.equals(LsyncdSettings.byHand());
    return new Setting(where, name, value.toString(), becomes, isLoss);
  }

  /** By the last part of each path; where two have the same, by all of it. */
  private static Map<String, String> names(List<String> sources) {
    Map<String, Integer> lasts = new TreeMap<>();
    sources.forEach(source -> lasts.merge(name(last(source)), 1, Integer::sum));
    Map<String, String> names = new LinkedHashMap<>();
    Set<String> taken = new HashSet<>();
    for (String source : sources) {
      String last = name(last(source));
      String name = lasts.getOrDefault(last, 0) == 1 ? last : name(source);
      String free = name;
      for (int number = 2; !taken.add(free); number++) {
        free = name + "-" + number;
      }
      names.put(source, free);
    }
    return names;
  }

  private static String last(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static String name(String path) {
    String name =
        path.toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9._-]+", "-")
            .replaceAll("^[^a-z0-9]+", "");
    String shortened = name.substring(0, Math.min(name.length(), 50));
    return shortened.matches(NAME) ? shortened : "root";
  }
}
