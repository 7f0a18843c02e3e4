package dev.tidemark.repository.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.SimulatedTree;
import dev.tidemark.repository.SimulatedTree.Moment;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStatus;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.LocalBlobStore;
import dev.tidemark.repository.history.At;
import dev.tidemark.repository.retention.Hold;
import dev.tidemark.repository.retention.Holds;
import dev.tidemark.repository.verify.VerifyMode;
import dev.tidemark.repository.victim.Announcement;
import dev.tidemark.repository.victim.Announcements;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * A repository of format version 1 as retention, clean-up and merges leave one: kept as they wrote
 * it, it must stay readable. {@link #main} wrote it.
 */
final class GoldenAgedTest {
  private static final TreeName WEB = new TreeName("web");

  private static BlobStore openGolden() throws IOException, URISyntaxException {
    return LocalBlobStore.open(
        Path.of(GoldenAgedTest.class.getResource("/golden/v1-aged/repository").toURI()));
  }

  /**
   * @param arguments the folder to write, new or empty
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    CleanupWorld world = AgedWorld.create();
    List<BlobStatus> blobs = new ArrayList<>();
    world.memory.list("", blobs::add);
    for (BlobStatus blob : blobs) {
      BlobName name = blob.name();
      // Every version has schemas of its own.
      if (!name.value().startsWith("schemas/")) {
        Path file = folder.resolve("repository").resolve(name.value());
        Files.createDirectories(file.getParent());
        Files.write(file, world.memory.get(name));
      }
    }
    StringBuilder lines = new StringBuilder();
    for (Moment moment : world.moments(world.tree()).values()) {
      moment
          .files()
          .forEach(
              (path, text) ->
                  lines.append("%d\t%s\t%s%n".formatted(moment.sequence(), path, text)));
    }
    Files.writeString(folder.resolve("moments.tsv"), lines);
  }

  /** The files of each moment that is kept. */
  private static Map<Long, Map<String, String>> moments() throws Exception {
    Map<Long, Map<String, String>> moments = new TreeMap<>();
    Path file = Path.of(GoldenAgedTest.class.getResource("/golden/v1-aged/moments.tsv").toURI());
    for (String line : Files.readAllLines(file)) {
      String[] fields = line.split("\t");
      moments
          .computeIfAbsent(Long.parseLong(fields[0]), _ -> new TreeMap<>())
          .put(fields[1], fields[2]);
    }
    return moments;
  }

  @Test
  void everyInstantThatIsKeptRestores() throws Exception {
    Map<Long, Map<String, String>> moments = moments();
    assertThat(moments).hasSizeGreaterThan(5);
    try (Repository golden = Repository.open(openGolden())) {
      for (Map.Entry<Long, Map<String, String>> moment : moments.entrySet()) {
        var at = golden.history(WEB).at(new At.Sequence(moment.getKey()));
        assertThat(SimulatedTree.filesOf(golden, at)).isEqualTo(moment.getValue());
      }
    }
  }

  @Test
  void holdsAnnouncementsGapsAndMergedSegmentsAreRead() throws Exception {
    try (BlobStore golden = openGolden()) {
      assertThat(new Holds(golden, WEB).list()).extracting(Hold::note).containsExactly("case 7");
      Announcements announcements = new Announcements(golden);
      assertThat(announcements.damaged()).isEmpty();
      assertThat(announcements.list()).anyMatch(Announcement::isSwept);
      assertThat(announcements.sweptPacks()).isNotEmpty();
      Repository repository = Repository.open(golden);
      assertThat(repository.log(WEB).list().removed().isEmpty()).isFalse();
      assertThat(repository.log(WEB).list().marks()).isNotEmpty();
      assertThat(repository.verify(VerifyMode.READ_DATA).damages()).isEmpty();
    }
  }
}
