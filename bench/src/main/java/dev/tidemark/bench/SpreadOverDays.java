package dev.tidemark.bench;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.history.History.Pace;
import dev.tidemark.repository.treelog.SealedChangeStream;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Copies a repository, with two days in the place of each tag: retention goes by log time. */
final class SpreadOverDays {
  private static final long DAY = Duration.ofDays(1).toMillis();

  private SpreadOverDays() {}

  static void spread(Path from, Path to, TreeName tree) throws IOException {
    copyAllButTrees(from, to);
    try (Repository source = Repository.open(Repository.openStore(from.toString()));
        Repository target = Repository.open(Repository.openStore(to.toString()));
        SealedChangeStream changes = source.log(tree).read(0, Long.MAX_VALUE)) {
      Optional<Cursor> cursor = Optional.empty();
      List<SealedChange> day = new ArrayList<>();
      long days = 0;
      for (var next = changes.next(); next.isPresent(); next = changes.next()) {
        SealedChange change = next.get();
        SealedChange.Origin origin = change.origin();
        if (change.change().body() instanceof Change.Tag) {
          // Retention would keep its instant.
          append(target, tree, day, cursor);
          days += 2;
          continue;
        }
        long time = change.logTimeMillis() + days * DAY;
        Cursor before =
            cursor.orElseGet(
                () -> Cursor.start(origin.changesTopic(), origin.partition(), origin.offset()));
        if (!(before.accept(change.change(), origin.offset(), time)
            instanceof Verdict.Accepted(Cursor after))) {
          throw new IOException("change %d does not follow".formatted(change.sequence()));
        }
        cursor = Optional.of(after);
        day.add(new SealedChange(after.sequence(), time, origin, change.change()));
      }
      append(target, tree, day, cursor);
    }
  }

  private static void append(
      Repository target, TreeName tree, List<SealedChange> day, Optional<Cursor> end)
      throws IOException {
    if (!day.isEmpty()) {
      target.log(tree).append(day, end.orElseThrow());
      target.history(tree).snapshotIfDue(Pace.BUSY);
      day.clear();
    }
  }

  private static void copyAllButTrees(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Path name = from.relativize(path);
        if (!name.startsWith("trees")) {
          if (Files.isDirectory(path)) {
            Files.createDirectories(to.resolve(name));
          } else {
            Files.copy(path, to.resolve(name));
          }
        }
      }
    }
  }
}
