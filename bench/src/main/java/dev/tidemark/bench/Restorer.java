package dev.tidemark.bench;

import dev.tidemark.testing.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A program that has a tree in its repository, and puts it into a directory. */
sealed interface Restorer {
  /** Where in {@code target} the tree's root will be. */
  Path root(Path target);

  /** All of the tree; what the target has besides goes, if the program can do that. */
  void all(Path target) throws IOException, InterruptedException;

  /** One file, named relative to the tree. */
  void one(Path file, Path target) throws IOException, InterruptedException;

  /** The product, with a repository that has a tree of that name. */
  record Tidemark(Path launcher, String tree, String repository, Path log) implements Restorer {
    @Override
    public Path root(Path target) {
      return target;
    }

    @Override
    public void all(Path target) throws IOException, InterruptedException {
      restore(target, "--delete");
    }

    @Override
    public void one(Path file, Path target) throws IOException, InterruptedException {
      // As with a directory, what --path names goes into the target itself.
      Path folder = Files.createDirectories(target.resolve(file).getParent());
      restore(folder, "--path", file.toString());
    }

    private void restore(Path target, String... more) throws IOException, InterruptedException {
      List<String> command = new ArrayList<>(List.of("restore", tree, "--to", target.toString()));
      command.addAll(List.of("--repository", repository));
      command.addAll(List.of(more));
      try (Product restore = Product.start(launcher, log, command)) {
        restore.awaitSuccess(log);
      }
    }
  }

  /** It restores whole paths, writes every file anew, and removes nothing. */
  record Restic(Path tree, String repository, Path cache) implements Restorer {
    Restic backUp() throws IOException, InterruptedException {
      restic("init");
      restic("backup", tree.toString());
      return this;
    }

    @Override
    public Path root(Path target) {
      return target.resolve(tree.toString().substring(1));
    }

    @Override
    public void all(Path target) throws IOException, InterruptedException {
      restic("restore", "latest", "--target", target.toString());
    }

    @Override
    public void one(Path file, Path target) throws IOException, InterruptedException {
      String included = tree.resolve(file).toString();
      restic("restore", "latest", "--target", target.toString(), "--include", included);
    }

    private void restic(String... arguments) throws IOException, InterruptedException {
      Map<String, String> environment = new HashMap<>(S3Server.environment());
      environment.put("RESTIC_REPOSITORY", repository);
      environment.put("RESTIC_PASSWORD", "benchmark");
      environment.put("RESTIC_CACHE_DIR", cache.toString());
      new Peer("restic").measure(environment, arguments);
    }
  }

  /** It extracts into its working directory, and removes nothing. */
  record Borg(Path tree, Path repository, Path base) implements Restorer {
    Borg backUp() throws IOException, InterruptedException {
      borg("init", "--encryption", "none", repository.toString());
      borg("create", "--compression", "zstd,1", repository + "::first", tree.toString());
      return this;
    }

    @Override
    public Path root(Path target) {
      return target.resolve(tree.toString().substring(1));
    }

    @Override
    public void all(Path target) throws IOException, InterruptedException {
      extract(target);
    }

    @Override
    public void one(Path file, Path target) throws IOException, InterruptedException {
      extract(target, tree.resolve(file).toString().substring(1));
    }

    private void extract(Path target, String... paths) throws IOException, InterruptedException {
      List<String> command =
          new ArrayList<>(List.of("-c", "cd \"$1\" && shift && exec borg extract \"$@\"", "borg"));
      command.addAll(List.of(target.toString(), repository + "::first"));
      command.addAll(List.of(paths));
      new Peer("bash").measure(environment(), command.toArray(String[]::new));
    }

    private void borg(String... arguments) throws IOException, InterruptedException {
      new Peer("borg").measure(environment(), arguments);
    }

    Map<String, String> environment() {
      return Map.of(
          "BORG_BASE_DIR", base.toString(), "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK", "yes");
    }
  }

  /** It has no repository: it copies the tree itself. */
  record Rsync(Path tree) implements Restorer {
    @Override
    public Path root(Path target) {
      return target;
    }

    @Override
    public void all(Path target) throws IOException, InterruptedException {
      new Peer("rsync").run("-a", "--delete", tree + "/", target + "/");
    }

    @Override
    public void one(Path file, Path target) throws IOException, InterruptedException {
      new Peer("rsync").run("-aR", tree + "/./" + file, target + "/");
    }
  }
}
