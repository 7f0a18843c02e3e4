package dev.tidemark.repository.cleanup;

import static dev.tidemark.repository.TestData.DESCRIPTOR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.CorruptRepositoryException;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.RepositoryMissingException;
import dev.tidemark.repository.SimulatedLog;
import dev.tidemark.repository.SimulatedTree;
import dev.tidemark.repository.TestData;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.repository.blob.s3.TestS3;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.verify.ChunkSource;
import dev.tidemark.repository.verify.Damage;
import dev.tidemark.repository.verify.VerifyMode;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Holds docs/damage.md to what is so: each blob of a repository in which every kind occurs is
 * damaged in each way, looked at and repaired. {@code -Dtidemark.write-docs=true} writes the table.
 */
final class DamageTableTest {
  private static final int MOST_OTHERS = 3;
  private static final Path PAGE = Path.of("../docs/damage.md");
  private static final String HEAD =
      "| blob | damage | `verify` | instants that cannot be restored | after `repair` |\n"
          + "|---|---|---|---|---|\n";

  /** A source or a standby that has every file. */
  private static final ChunkSource SOURCE =
      new ChunkSource() {
        @Override
        public String name() {
          return "a source";
        }

        @Override
        public void find(Set<ChunkId> wanted, Finder onFound) throws IOException {
          for (String text : AgedWorld.TEXTS) {
            if (wanted.contains(TestData.idOf(text))) {
              onFound.found(TestData.entry(text));
            }
          }
        }
      };

  private enum Way {
    MISSING("missing"),
    EMPTIED("emptied"),
    TRUNCATED("last byte cut off"),
    FLIPPED("a bit flipped"),
    SWAPPED("another one's bytes");

    private final String words;

    Way(String words) {
      this.words = words;
    }
  }

  private CleanupWorld world;
  private SimulatedTree tree;

  @BeforeEach
  void createOneOfEachKind() throws IOException {
    world = AgedWorld.create();
    tree = world.tree();
  }

  /** Where copies of the repository are made, to be damaged. */
  private interface Copies {
    BlobStore create() throws IOException;
  }

  @Test
  void everyDamageIsSaidAndRepairedAsThePageHasIt() throws IOException {
    Map<String, Map<Way, Set<String>>> found =
        play(names(world.memory), _ -> List.of(Way.values()), InMemoryBlobStore::new);
    assertThat(found.keySet()).hasSize(15);
    String table = HEAD + rows(found);
    if (Boolean.getBoolean("tidemark.write-docs")) {
      String page = Files.readString(PAGE);
      Files.writeString(PAGE, page.substring(0, page.indexOf(HEAD)) + table);
    }
    assertThat(Files.readString(PAGE)).endsWith(table);
  }

  /** One blob of each kind, damaged in two ways, which the seed draws. */
  @Tag("churn")
  @Test
  void inABucketTheSame() throws IOException {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    List<BlobName> shuffled = new ArrayList<>(names(world.memory));
    Random random = new Random(seed);
    Collections.shuffle(shuffled, random);
    Map<String, BlobName> drawn = new TreeMap<>();
    for (BlobName name : shuffled) {
      drawn.putIfAbsent(kindOf(name), name);
    }

    Map<String, Map<Way, Set<String>>> found =
        play(
            drawn.values(),
            _ -> {
              List<Way> ways = new ArrayList<>(List.of(Way.values()));
              Collections.shuffle(ways, random);
              return ways.subList(0, 2);
            },
            () -> TestS3.open(TestS3.server().endpoint()));

    assertThat(Files.readAllLines(PAGE)).containsAll(rows(found).lines().toList());
  }

  private Map<String, Map<Way, Set<String>>> play(
      Collection<BlobName> names, Function<BlobName, List<Way>> ways, Copies copies)
      throws IOException {
    Map<String, Map<Way, Set<String>>> found = new TreeMap<>();
    for (BlobName name : names) {
      String kind = kindOf(name);
      if (kind.equals("schema") && found.containsKey(kind)) {
        continue; // One is as good as the others.
      }
      for (Way way : ways.apply(name)) {
        for (Optional<byte[]> instead : damage(name, way)) {
          try (BlobStore damaged = copies.create()) {
            copyTo(damaged, name, instead);
            found
                .computeIfAbsent(kind, _ -> new TreeMap<>())
                .computeIfAbsent(way, _ -> new TreeSet<>())
                .add(outcome(damaged, name));
          }
        }
      }
    }
    return found;
  }

  private static String rows(Map<String, Map<Way, Set<String>>> found) {
    StringBuilder rows = new StringBuilder();
    found.forEach(
        (kind, ways) ->
            ways.forEach(
                (way, outcomes) -> {
                  for (String outcome : outcomes) {
                    rows.append("| %s | %s | %s |%n".formatted(kind, way.words, outcome));
                  }
                }));
    return rows.toString();
  }

  private String outcome(BlobStore damaged, BlobName name) throws IOException {
    Optional<List<Damage>> said = verify(damaged);
    boolean isSilent = said.isPresent() && said.get().isEmpty();
    String lost = lost(damaged);
    if (isSilent) {
      assertThat(lost).as("nothing is said of %s", name).isEqualTo("none");
    }
    repair(damaged);
    Optional<List<Damage>> left = verify(damaged);
    String lostAfter = lost(damaged);
    if (left.isPresent() && left.get().isEmpty()) {
      assertThat(lostAfter).as("nothing is said of %s after repair", name).isEqualTo("none");
    }
    return "%s | %s | %s"
        .formatted(
            said.map(damages -> words(damages, name)).orElse("cannot open it, names it"),
            lost,
            left.isPresent() && left.get().isEmpty()
                ? isSilent ? "the same" : "whole"
                : lostAfter.equals("none") ? "still said; nothing is lost" : "stays lost, named");
  }

  private static String words(List<Damage> damages, BlobName name) {
    if (damages.isEmpty()) {
      return "nothing to say";
    }
    return damages.stream().anyMatch(damage -> damage.subject().equals(name.value()))
        ? "names it"
        : "names what is missing";
  }

  private static Optional<List<Damage>> verify(BlobStore store) throws IOException {
    try {
      return Optional.of(Repository.open(store).verify(VerifyMode.READ_DATA).damages());
    } catch (CorruptRepositoryException | RepositoryMissingException e) {
      assertThat(e).hasMessageContaining("tidemark.json");
      return Optional.empty();
    }
  }

  /** As the command does: the descriptor comes from the log. */
  private void repair(BlobStore store) throws IOException {
    if (verify(store).isEmpty()) {
      Repository.putBack(store, DESCRIPTOR);
    }
    Repository.open(store).repair(List.of(SOURCE), Optional.of(SimulatedLog.of(tree)), _ -> {});
  }

  private String lost(BlobStore store) throws IOException {
    int lost = 0;
    int all = 0;
    for (SimulatedTree.Moment moment : world.moments(tree).values()) {
      all++;
      try {
        SimulatedTree.assertRestores(Repository.open(store), tree.name(), moment);
      } catch (IOException e) {
        lost++;
      }
    }
    return lost == 0 ? "none" : lost == all ? "all" : "some";
  }

  private String kindOf(BlobName name) throws IOException {
    String value = name.value();
    Optional<PackId> pack = PackId.find(name);
    if (pack.isPresent()) {
      boolean isNeeded = !Collections.disjoint(world.chunksOf(pack.get()), world.needed());
      return isNeeded ? "pack" : "pack of which nothing is needed";
    }
    if (value.startsWith("index/")) {
      return "index blob";
    }
    if (value.contains("/log/")) {
      return value.endsWith(".gone")
          ? "removed sequences (`.gone`)"
          : value.endsWith(".merged") ? "list of merged segments (`.merged`)" : "log segment";
    }
    if (value.contains("/snapshots/") || value.contains("/manifests/")) {
      boolean isBase =
          value.contains("/snapshots/") ? value.equals(base()) : manifestsOfBase().contains(name);
      return (value.contains("/snapshots/") ? "snapshot" : "manifest")
          + (isBase ? " on which the log builds" : " that the log makes up for");
    }
    return value.contains("/holds/")
        ? "hold"
        : value.endsWith(".victims")
            ? "announcement of clean-up (`.victims`)"
            : value.endsWith(".sweep")
                ? "announcement of clean-up, begun (`.sweep`)"
                : value.startsWith("schemas/") ? "schema" : value;
  }

  /** The first snapshot that is left: the changes before it have been taken out. */
  private String base() throws IOException {
    return "trees/web/snapshots/%020d.avro"
        .formatted(world.repository.snapshots(tree.name()).sequences().getFirst());
  }

  private List<BlobName> manifestsOfBase() throws IOException {
    var snapshots = world.repository.snapshots(tree.name());
    return snapshots.read(snapshots.sequences().getFirst()).manifests().stream()
        .map(manifest -> manifest.blobName(tree.name()))
        .toList();
  }

  /** What is to stand in a blob's place, or that nothing is; none if it cannot be damaged so. */
  private List<Optional<byte[]>> damage(BlobName name, Way way) throws IOException {
    byte[] bytes = world.memory.get(name);
    List<byte[]> instead = new ArrayList<>();
    switch (way) {
      case MISSING -> {
        return List.of(Optional.empty());
      }
      case EMPTIED -> instead.add(new byte[0]);
      case TRUNCATED -> instead.add(Arrays.copyOf(bytes, Math.max(0, bytes.length - 1)));
      case FLIPPED -> {
        if (bytes.length > 0) {
          byte[] flipped = bytes.clone();
          flipped[bytes.length / 2] ^= 1;
          instead.add(flipped);
        }
      }
      case SWAPPED -> {
        for (BlobName other : names(world.memory)) {
          boolean isLike = folderOf(other).equals(folderOf(name)) && !other.equals(name);
          if (isLike && instead.size() < MOST_OTHERS) {
            instead.add(world.memory.get(other));
          }
        }
      }
    }
    return instead.stream()
        .filter(other -> !Arrays.equals(bytes, other))
        .map(Optional::of)
        .toList();
  }

  private void copyTo(BlobStore store, BlobName damaged, Optional<byte[]> instead)
      throws IOException {
    for (BlobName name : names(world.memory)) {
      byte[] bytes = world.memory.get(name);
      if (!name.equals(damaged)) {
        store.replace(name, ByteBuffer.wrap(bytes));
      } else if (instead.isPresent()) {
        store.replace(name, ByteBuffer.wrap(instead.get()));
      }
    }
  }

  private static String folderOf(BlobName name) {
    String value = name.value();
    return value.startsWith(PackId.FOLDER)
        ? PackId.FOLDER
        : value.substring(0, value.lastIndexOf('/') + 1);
  }

  private static List<BlobName> names(InMemoryBlobStore store) {
    List<BlobName> names = new ArrayList<>();
    store.list("", status -> names.add(status.name()));
    return names;
  }
}
