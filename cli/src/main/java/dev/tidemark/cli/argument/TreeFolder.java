package dev.tidemark.cli.argument;

import dev.tidemark.schemas.change.TreeName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A tree and a folder for it, written {@code TREE=DIR}. */
public record TreeFolder(TreeName tree, Path folder) {
  /**
   * Reads {@code TREE=DIR}.
   *
   * @throws ArgumentException if there is no {@code =}, the name is malformed or DIR is empty
   */
  public static TreeFolder parse(String argument) {
    int equals = argument.indexOf('=');
    if (equals < 0 || equals == argument.length() - 1) {
      throw new ArgumentException(
          "\"%s\": expected TREE=DIR, such as web=/srv/web".formatted(argument));
    }
    return new TreeFolder(
        tree(argument.substring(0, equals)), RawArguments.path(argument.substring(equals + 1)));
  }

  /** Reads several, each tree once. */
  public static List<TreeFolder> parseAll(List<String> arguments) {
    List<TreeFolder> folders = arguments.stream().map(TreeFolder::parse).toList();
    requireDistinct(folders);
    return folders;
  }

  /**
   * Reads standbys of {@code sources}: {@code TREE=DIR}, or a bare {@code DIR} where there is one
   * source only.
   */
  public static List<TreeFolder> parseStandbys(List<String> arguments, List<TreeFolder> sources) {
    List<TreeFolder> standbys = new ArrayList<>();
    for (String argument : arguments) {
      standbys.add(standby(argument, sources));
    }
    requireDistinct(standbys);
    return List.copyOf(standbys);
  }

  private static TreeFolder standby(String argument, List<TreeFolder> sources) {
    for (TreeFolder source : sources) {
      if (argument.startsWith(source.tree() + "=") && !argument.endsWith("=")) {
        return parse(argument);
      }
    }
    boolean looksNamed = argument.matches("[A-Za-z0-9._-]+=.+");
    if (sources.size() == 1 && !looksNamed && !argument.isEmpty()) {
      return new TreeFolder(sources.getFirst().tree(), RawArguments.path(argument));
    }
    throw new ArgumentException(
        "--standby \"%s\": expected TREE=DIR with one of the trees %s%s"
            .formatted(
                argument,
                sources.stream().map(source -> source.tree().value()).toList(),
                sources.size() == 1 ? ", or a folder alone" : ""));
  }

  /**
   * The tree's name.
   *
   * @throws ArgumentException if it is malformed
   */
  public static TreeName tree(String name) {
    try {
      return new TreeName(name);
    } catch (IllegalArgumentException e) {
      throw new ArgumentException(e.getMessage() == null ? name : e.getMessage());
    }
  }

  private static void requireDistinct(List<TreeFolder> folders) {
    Set<TreeName> seen = new HashSet<>();
    for (TreeFolder folder : folders) {
      if (!seen.add(folder.tree())) {
        throw new ArgumentException(
            "tree %s is given twice: each has one source and, under `up`, at most one standby"
                .formatted(folder.tree()));
      }
    }
  }
}
