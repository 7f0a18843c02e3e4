package dev.tidemark.cli;

import dev.tidemark.cli.argument.DurationArgument;
import dev.tidemark.cli.argument.TreeFolder;
import dev.tidemark.cli.process.DataFolder;
import dev.tidemark.cli.process.SettledTagRequest;
import dev.tidemark.cli.process.SettledTagRequest.LoggedAt;
import dev.tidemark.cli.reading.Json;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark freeze}. */
@Command(
    name = "freeze",
    sortOptions = false,
    description = {
      "Tag a state in which an application's files fit together: run the command that holds the"
          + " application still, wait until everything written up to then is in the log, place the"
          + " tag, and release the application. `restore --at tag:NAME` gives that state.",
      "Without --release the application is held for as long as the command says by itself, as with"
          + " a checkpoint that needs no release."
    })
final class FreezeCommand implements Callable<Integer> {
  private static final Duration POLL = Duration.ofMillis(20);

  private final Surroundings surroundings;

  @Parameters(index = "0", paramLabel = "TREE", description = "The tree's name.")
  private String tree = "";

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "COMMAND",
      description = "Holds the application still; after `--`. If it fails, nothing is tagged.")
  private List<String> command = new ArrayList<>();

  @Option(names = "--tag", paramLabel = "NAME", required = true, description = "The tag.")
  private String tag = "";

  @Option(
      names = "--release",
      paramLabel = "COMMAND",
      description =
          "Given to `sh -c` at the end: always, also when the freeze failed, took too long or was"
              + " interrupted.")
  private @Nullable String release;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "60s",
      description =
          "The application is released after so long, tagged or not. Default: ${DEFAULT-VALUE}")
  private String timeout = "60s";

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Mixin private DataOption data = new DataOption();

  FreezeCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException, CommandException, InterruptedException {
    TreeName of = TreeFolder.tree(tree);
    String label = TagCommand.label(tag);
    long deadline = System.nanoTime() + DurationArgument.parse("--timeout", timeout).toNanos();
    DataFolder folder = data.folder(surroundings);
    LoggedAt placed;
    // Reached before anything is held still: without a watcher there is nothing to hold it for.
    try (SettledTagRequest request = SettledTagRequest.connect(folder, of)) {
      placed = frozen(of, label, request, deadline);
    }
    Instant logTime = Instant.ofEpochMilli(placed.logTimeMillis());
    if (json) {
      surroundings
          .out()
          .println(
              Json.write(
                  Json.object()
                      .put("tree", of.value())
                      .put("tag", label)
                      .put("logTime", logTime.toString())));
    } else {
      surroundings.out().printf("tagged tree %s as %s: %s%n", of, label, logTime);
    }
    return ExitCode.OK.number();
  }

  private LoggedAt frozen(TreeName of, String label, SettledTagRequest request, long deadline)
      throws IOException, CommandException, InterruptedException {
    Throwable failed = null;
    try {
      int exitCode = run(of, command, deadline);
      if (exitCode != 0) {
        throw CommandException.failed(
            "`%s` returned %d; tree %s is not tagged."
                .formatted(String.join(" ", command), exitCode, of));
      }
      return await(of, request.send(label), deadline);
    } catch (IOException | CommandException | InterruptedException | RuntimeException e) {
      failed = e;
      // Taken back first: a tag must not follow what the release lets the application write.
      request.close();
      throw e;
    } finally {
      release(of, failed);
    }
  }

  /** Runs a command to its end, unless this process is to end before. */
  private int run(TreeName of, List<String> arguments, long deadline)
      throws IOException, CommandException, InterruptedException {
    Process process = new ProcessBuilder(arguments).inheritIO().start();
    try {
      while (!process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
        requireTime(of, deadline);
      }
      return process.exitValue();
    } finally {
      process.destroy();
    }
  }

  private LoggedAt await(TreeName of, CompletableFuture<LoggedAt> answer, long deadline)
      throws IOException, CommandException, InterruptedException {
    while (true) {
      try {
        return answer.get(POLL.toMillis(), TimeUnit.MILLISECONDS);
      } catch (java.util.concurrent.TimeoutException _) {
        requireTime(of, deadline);
      } catch (ExecutionException e) {
        throw e.getCause() instanceof IOException io
            ? io
            : new IOException(String.valueOf(e.getMessage()), e);
      }
    }
  }

  private void requireTime(TreeName of, long deadline)
      throws CommandException, InterruptedException {
    if (surroundings.stop().await(Duration.ZERO)) {
      throw CommandException.failed("interrupted; tree %s is not tagged.".formatted(of));
    }
    if (System.nanoTime() > deadline) {
      throw CommandException.failed(
          ("tree %s was not tagged within %s: the freeze, or what is still to be published, took"
                  + " longer. Give it more with --timeout.")
              .formatted(of, timeout));
    }
  }

  /** Runs whatever has happened; its own failure never hides another one. */
  private void release(TreeName of, @Nullable Throwable failed)
      throws IOException, CommandException, InterruptedException {
    if (release == null) {
      return;
    }
    try {
      int exitCode = new ProcessBuilder("sh", "-c", release).inheritIO().start().waitFor();
      if (exitCode != 0) {
        throw CommandException.failed(
            ("the release `%s` returned %d: the application may still be held; look at it now. Tree"
                    + " %s is %s.")
                .formatted(release, exitCode, of, failed == null ? "tagged" : "not tagged"));
      }
    } catch (IOException | CommandException | InterruptedException e) {
      if (failed == null) {
        throw e;
      }
      surroundings.err().println("tidemark: " + e.getMessage());
      failed.addSuppressed(e);
    }
  }
}
