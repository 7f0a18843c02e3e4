package dev.tidemark.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.cli.process.DataFolder;
import dev.tidemark.cli.process.StoppedUp;
import dev.tidemark.cli.reading.Json;
import dev.tidemark.log.LogConnection;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import dev.tidemark.store.RepositoryRebuild;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tidemark rebuild}: a new repository in the place of a lost one. */
@Command(
    name = "rebuild",
    sortOptions = false,
    description = {
      "Make a new repository in the place of one that is lost for good, with an empty log. Every"
          + " watcher then publishes its tree whole, and standbys keep what they hold. The history"
          + " is lost. Without --lost it only says what would be lost. While it runs, no `tidemark"
          + " up` and no `tidemark store` may; watchers and mirrors may.",
      "A tree whose source is lost as well comes back from a standby: stop its mirror and run"
          + " `tidemark watch TREE=DIR` on the standby's directory."
    })
final class RebuildCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Option(
      names = "--lost",
      paramLabel = "ID",
      description = "The id of the lost repository: do it.")
  private @Nullable UUID lost;

  @Option(
      names = "--repository",
      paramLabel = "URL",
      description =
          "Where the new repository is to be: "
              + RepositoryUrl.FORMS
              + ". With --bootstrap-server; else it is that of the data folder.")
  private @Nullable String repository;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Mixin private BrokerOptions broker = new BrokerOptions();
  @Mixin private DataOption data = new DataOption();

  RebuildCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException {
    if (broker.isGiven() != (repository != null)) {
      throw new ArgumentException(
          "--bootstrap-server and --repository are given together; without them it is the data"
              + " folder of `tidemark up`");
    }
    if (repository != null) {
      return rebuild(broker.require(surroundings), repository);
    }
    DataFolder folder = data.folder(surroundings);
    if (!StoppedUp.hasLog(folder)) {
      throw new ArgumentException(
          "%s is no data folder of `tidemark up`; name it with --data".formatted(folder.root()));
    }
    try (StoppedUp stopped = StoppedUp.openLog(folder)) {
      return rebuild(stopped.log(), folder.repository().toString());
    }
  }

  private int rebuild(LogConnection log, String url) throws IOException {
    try (BlobStore store = Repository.openStore(url)) {
      RepositoryRebuild plan = RepositoryRebuild.plan(log, store);
      if (lost == null) {
        show(plan, Optional.empty());
        return ExitCode.OK.number();
      }
      if (!lost.equals(plan.lost())) {
        throw new ArgumentException(
            "--lost %s: the log belongs to repository %s".formatted(lost, plan.lost()));
      }
      surroundings
          .err()
          .println("waiting until the log knows that no chunk-store runs; a minute at most");
      show(plan, Optional.of(plan.carryOut(surroundings.clock())));
      return ExitCode.OK.number();
    }
  }

  private void show(RepositoryRebuild plan, Optional<RepositoryDescriptor> made) {
    if (json) {
      surroundings.out().println(Json.write(toJson(plan, made)));
      return;
    }
    var out = surroundings.out();
    out.printf("%s repository %s%n", made.isPresent() ? "lost:" : "would be lost:", plan.lost());
    for (Map.Entry<TreeName, Head> tree : plan.trees().entrySet()) {
      out.printf(
          "  tree %s, sealed up to change %d of %s%n",
          tree.getKey(),
          tree.getValue().sealed().sequence(),
          Instant.ofEpochMilli(tree.getValue().sealed().logTimeMillis()));
    }
    if (made.isPresent()) {
      out.printf(
          "made: repository %s; sequences go on above %d%n",
          made.get().id(), made.get().sequencesAfter());
      out.println("Start `tidemark up`, or `tidemark store` and the watchers, as before.");
    } else {
      out.println("It is not where this looked. If it is anywhere else, name that place instead.");
      out.printf(
          "Every tree begins anew with its watcher's next scan. To do it: --lost %s%n",
          plan.lost());
    }
  }

  private static ObjectNode toJson(RepositoryRebuild plan, Optional<RepositoryDescriptor> made) {
    ObjectNode object = Json.object().put("lost", plan.lost().toString());
    made.ifPresent(
        descriptor ->
            object
                .put("made", descriptor.id().toString())
                .put("sequencesAfter", descriptor.sequencesAfter()));
    ArrayNode trees = object.putArray("trees");
    plan.trees()
        .forEach(
            (tree, head) ->
                trees
                    .addObject()
                    .put("tree", tree.value())
                    .put("sealedSequence", head.sealed().sequence())
                    .put(
                        "sealedLogTime",
                        Instant.ofEpochMilli(head.sealed().logTimeMillis()).toString()));
    return object;
  }
}
