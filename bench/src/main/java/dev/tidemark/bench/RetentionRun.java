package dev.tidemark.bench;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.cleanup.ChunkOwners;
import dev.tidemark.repository.cleanup.Cleanup;
import dev.tidemark.repository.cleanup.CleanupConfig;
import dev.tidemark.repository.retention.RetentionPolicy;
import dev.tidemark.repository.retention.TreeRetention;
import dev.tidemark.repository.victim.Announcements;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Keeps the last day of a tree, and frees all else: the first run and the one a grace later, which
 * has been made to pass by setting the times of all files back.
 */
final class RetentionRun {
  private RetentionRun() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    TreeName tree = new TreeName(arguments[1]);
    // What is young may be about to be referred to, and stays.
    age(folder);
    try (Repository repository = Repository.open(Repository.openStore(folder.toString()))) {
      TreeRetention retention = new TreeRetention(repository, tree, Duration.ofDays(1));
      retention.apply(retention.plan(RetentionPolicy.keepWithin(Duration.ofDays(1))).orElseThrow());
      Cleanup cleanup =
          new Cleanup(repository, CleanupConfig.DEFAULT, InstantSource.system(), new Random(1));
      System.out.println(cleanup.run(Optional.of(new Idle())));
      age(folder);
      retention.sweep(new Announcements(repository.store()).storeMillis());
      System.out.println(cleanup.run(Optional.of(new Idle())));
    }
  }

  private static void age(Path folder) throws IOException {
    FileTime before = FileTime.from(Instant.now().minus(Duration.ofDays(2)));
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        Files.setLastModifiedTime(file, before);
      }
    }
  }

  /** A chunk-store to which nothing has come for a day: it forgets what it is asked to. */
  private static final class Idle implements ChunkOwners {
    @Override
    public Cut cut(Duration grace) {
      return new Cut() {
        @Override
        public void forEachUnsealed(ChangeReader reader) {
          // All is sealed.
        }

        @Override
        public Answers condemn(List<ChunkId> chunks) {
          return new Answers(Set.copyOf(chunks), Set.of());
        }
      };
    }
  }
}
