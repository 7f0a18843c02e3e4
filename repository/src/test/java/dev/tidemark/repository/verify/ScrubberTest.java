package dev.tidemark.repository.verify;

import static dev.tidemark.repository.TestData.DESCRIPTOR;
import static dev.tidemark.repository.TestData.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.repository.pack.PackId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ScrubberTest {
  private static final Duration QUICK = Duration.ofMillis(256);
  private static final Duration SLOW = Duration.ofDays(30);

  @TempDir private Path folder;
  private final InMemoryBlobStore store = new InMemoryBlobStore();
  private final List<PackId> packs = new ArrayList<>();
  private Path position = Path.of("");

  @BeforeEach
  void createRepository() throws IOException {
    position = folder.resolve("scrub");
    Repository repository = Repository.create(store, DESCRIPTOR);
    for (int i = 0; i < 20; i++) {
      packs.add(repository.storePack(List.of(entry("pack " + i))).pack());
    }
  }

  private static Scrubber.Status await(Scrubber scrubber, Predicate<Scrubber.Status> wanted) {
    return Awaitility.await()
        .atMost(Duration.ofMinutes(5))
        .pollInterval(Duration.ofMillis(5))
        .until(scrubber::status, wanted);
  }

  @Test
  void readsEveryPackAndNamesDamagedOnesUntilTheyAreMended() throws IOException {
    BlobName name = packs.get(7).blobName();
    byte[] whole = store.get(name);
    byte[] flipped = whole.clone();
    flipped[whole.length / 2] ^= 1;
    store.replace(name, flipped);
    try (Scrubber scrubber = Scrubber.start(store, position, QUICK)) {
      Scrubber.Status status = await(scrubber, s -> s.packs() >= packs.size());

      assertThat(status.damaged()).containsExactly(packs.get(7));
      assertThat(status.describe()).contains("1 PACKS DAMAGED");
      assertThat(status.bytes()).isPositive();
      store.replace(name, whole);
      await(scrubber, s -> s.damaged().isEmpty());
    }
  }

  @Test
  void goesOnWhereTheProcessBeforeHadCome() throws IOException {
    try (Scrubber first = Scrubber.start(store, position, QUICK)) {
      await(first, s -> s.slices() > 100 && s.slices() < 250);
    }
    int reached = Integer.parseInt(Files.readString(position).strip());

    try (Scrubber second = Scrubber.start(store, position, SLOW)) {
      assertThat(second.status().slices()).isBetween(reached, reached + 1);
    }
  }

  @Test
  void readsEvenlyOverTheCycle() throws IOException {
    try (Scrubber scrubber = Scrubber.start(store, position, SLOW)) {
      await(scrubber, s -> s.slices() == 1);

      // The next slice comes hours later.
      long inFirst =
          packs.stream().filter(pack -> pack.blobName().value().startsWith("packs/00/")).count();
      assertThat(scrubber.status().packs()).isEqualTo(inFirst).isLessThan(packs.size());
      assertThat(scrubber.status().describe()).isEqualTo("scrubbed 0 %");
    }
  }
}
