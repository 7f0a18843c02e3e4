package dev.tidemark.cli.migrate;

import dev.tidemark.cli.migrate.LuaConfig.Asked;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a configuration of lsyncd says.
 *
 * @param settings that concern all
 */
public record LsyncdConfig(Map<String, Object> settings, List<Sync> syncs) {
  /** Where a sync goes: a host, and a directory or a module of its rsync daemon. */
  public record Target(String host, String directory, boolean isModule) {
    public boolean isLocal() {
      return host.isEmpty();
    }
  }

  /**
   * One source that is kept at one target.
   *
   * @param layer rsync, rsyncssh, direct or own
   * @param excludes in the order and form of rsync
   * @param others settings that are none of the above, by name
   * @param rsync those of its table {@code rsync}
   */
  public record Sync(
      String layer,
      String source,
      Target target,
      List<String> excludes,
      Map<String, Object> others,
      Map<String, Object> rsync) {}

  public LsyncdConfig {
    settings = Map.copyOf(settings);
    syncs = List.copyOf(syncs);
  }

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read, or is no such configuration; the message is for the
   *     user
   */
  public static LsyncdConfig read(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException(file + " is a directory. Name the file in it, as lsyncd.conf.lua.");
    }
    try {
      return parse(file.toString(), Files.readString(file, StandardCharsets.UTF_8));
    } catch (CharacterCodingException e) {
      throw new IOException(file + " is no text in UTF-8. Is it a file of lsyncd?", e);
    }
  }

  static LsyncdConfig parse(String name, String text) throws IOException {
    Asked asked = LuaConfig.run(name, text);
    if (asked.syncs().isEmpty()) {
      throw new IOException(
          name + ": it has no sync{…}: nothing is kept equal by it. Is it a file of lsyncd 2?");
    }
    List<Sync> syncs = new ArrayList<>();
    for (Map<String, Object> sync : asked.syncs()) {
      syncs.add(sync(name, sync));
    }
    return new LsyncdConfig(asked.settings(), syncs);
  }

  private static Sync sync(String name, Map<String, Object> asked) throws IOException {
    Map<String, Object> left = new TreeMap<>(asked);
    String layer = take(left, "layer", "own");
    String source = take(left, "source", "");
    if (source.isEmpty()) {
      throw new IOException(name + ": a sync{…} without source: name the directory it watches.");
    }
    Target target =
        layer.equals("rsyncssh")
            ? new Target(
                host(take(left, "host", "")), withoutSlash(take(left, "targetdir", "")), false)
            : target(take(left, "target", take(left, "targetdir", "")));
    Map<String, Object> rsync = new TreeMap<>();
    if (left.remove("rsync") instanceof Map<?, ?> table) {
      table.forEach((key, value) -> rsync.put(key.toString(), value));
    }
    List<String> excludes = new ArrayList<>(list(left.remove("exclude")));
    String from = take(left, "excludeFrom", "");
    if (!from.isEmpty()) {
      excludes.addAll(patternsOf(Path.of(from), left));
    }
    RsyncOptions.spread(rsync, excludes);
    return new Sync(layer, withoutSlash(source), target, excludes, left, rsync);
  }

  private static String take(Map<String, Object> from, String key, String otherwise) {
    return from.remove(key) instanceof String text ? text : otherwise;
  }

  static List<String> list(@Nullable Object value) {
    return switch (value) {
      case null -> List.of();
      case String one -> List.of(one);
      case List<?> many -> many.stream().map(Object::toString).toList();
      default -> List.of();
    };
  }

  /** What cannot be read stays among the settings, to be told of. */
  private static List<String> patternsOf(Path file, Map<String, Object> left) {
    try {
      List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
      if (lines.stream().noneMatch(line -> line.startsWith("+ "))) {
        return RsyncOptions.patterns(lines);
      }
      // With inclusions their order counts, the other way round than in a .gitignore.
    } catch (IOException _) {
      // Told of below as one that is not there.
    }
    left.put("excludeFrom", file.toString());
    return List.of();
  }

  /** As rsync takes it: DIR, [USER@]HOST:DIR, [USER@]HOST::MODULE or rsync://HOST/MODULE. */
  private static Target target(String text) {
    if (text.startsWith("rsync://")) {
      String[] parts = text.substring("rsync://".length()).split("/", 2);
      return new Target(host(parts[0]), parts.length == 1 ? "" : parts[1], true);
    }
    int colon = text.indexOf(':');
    int slash = text.indexOf('/');
    if (colon < 0 || slash >= 0 && slash < colon) {
      return new Target("", withoutSlash(text), false);
    }
    String host = host(text.substring(0, colon));
    return text.startsWith("::", colon)
        ? new Target(host, withoutSlash(text.substring(colon + 2)), true)
        : new Target(host, withoutSlash(text.substring(colon + 1)), false);
  }

  private static String host(String text) {
    String host = text.substring(text.indexOf('@') + 1);
    return host.matches("[^:]+:\\d+") ? host.substring(0, host.indexOf(':')) : host;
  }

  private static String withoutSlash(String path) {
    return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }
}
