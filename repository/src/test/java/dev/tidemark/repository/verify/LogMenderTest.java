package dev.tidemark.repository.verify;

import static dev.tidemark.repository.TestData.DESCRIPTOR;
import static dev.tidemark.repository.TestData.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.SimulatedLog;
import dev.tidemark.repository.SimulatedTree;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.repository.treelog.LogCompaction;
import dev.tidemark.repository.treelog.LogSegment;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Log segments that are damaged or missing, while the log outside still has what they held. */
final class LogMenderTest {
  private static final TreeName TREE = new TreeName("web");

  private final long seed = Long.getLong("tidemark.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final InMemoryBlobStore store = new InMemoryBlobStore();
  private long now = 1_000_000;
  private Repository repository;
  private SimulatedTree tree;

  LogMenderTest() throws IOException {
    repository = Repository.create(store, DESCRIPTOR);
    tree =
        new SimulatedTree(
            TREE,
            random,
            5,
            now,
            text -> {
              try {
                repository.storePack(List.of(entry(text)));
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
  }

  @BeforeEach
  void printSeed() {
    System.out.println("tidemark.seed=" + seed);
  }

  private void seal(int segments) throws IOException {
    for (int i = 0; i < segments; i++) {
      tree.putFile(++now);
      tree.putFile(++now);
      tree.seal(repository);
    }
  }

  private List<LogSegment> segments() throws IOException {
    return repository.log(TREE).list().segments();
  }

  private byte[] flip(LogSegment segment) throws IOException {
    BlobName name = segment.name().blobName();
    byte[] bytes = store.get(name);
    byte[] flipped = bytes.clone();
    flipped[bytes.length / 2] ^= 1;
    store.replace(name, flipped);
    return bytes;
  }

  private RepairReport repair(SimulatedLog log) throws IOException {
    return Repository.open(store).repair(List.of(), Optional.of(log), _ -> {});
  }

  private void assertWhole() throws IOException {
    Repository reader = Repository.open(store);
    assertThat(reader.verify(VerifyMode.READ_DATA).damages()).isEmpty();
    for (SimulatedTree.Moment moment : tree.moments().values()) {
      SimulatedTree.assertRestores(reader, TREE, moment);
    }
  }

  @Test
  void aDamagedSegmentIsMadeAgainToTheByte() throws IOException {
    seal(3);
    LogSegment damaged = segments().get(1);
    byte[] before = flip(damaged);

    RepairReport report = repair(SimulatedLog.of(tree));

    assertThat(report.segments()).isEqualTo(1);
    assertThat(report.notLogged()).isEmpty();
    assertThat(store.get(damaged.name().blobName())).isEqualTo(before);
    assertWhole();
  }

  @Test
  void theFirstAndTheNewestOnesAreMadeAgainWhenTheyAreMissing() throws IOException {
    seal(4);
    for (LogSegment missing : List.of(segments().getFirst(), segments().getLast())) {
      store.delete(missing.name().blobName());
    }

    RepairReport report = repair(SimulatedLog.of(tree));

    assertThat(report.after().isSound()).isTrue();
    assertWhole();
  }

  @Test
  void whatTheLogNoLongerHasStaysLostAndItSaysSo() throws IOException {
    seal(3);
    LogSegment damaged = segments().get(1);
    flip(damaged);
    long offset = tree.logged().get((int) damaged.first()).origin().offset();

    RepairReport report = repair(SimulatedLog.of(tree).from(offset));

    assertThat(report.segments()).isZero();
    assertThat(report.notLogged()).singleElement().asString().contains("begins at offset");
    assertThat(report.after().damages())
        .anyMatch(damage -> damage.subject().equals(damaged.name().blobName().value()));
  }

  /** The log has lost its tail since, and goes on with other changes at the same offsets. */
  @Test
  void otherChangesAreNotTakenForThoseThatWereSealed() throws IOException {
    seal(3);
    flip(segments().getLast());
    List<SealedChange> other = new ArrayList<>(tree.logged());
    SealedChange last = other.removeLast();
    other.add(
        new SealedChange(
            last.sequence(),
            last.logTimeMillis(),
            new SealedChange.Origin(
                last.origin().changesTopic(), 0, last.origin().offset() + 1, last.origin().epoch()),
            last.change()));
    SimulatedLog whole = SimulatedLog.of(tree);

    RepairReport report =
        repair(new SimulatedLog(whole.topic(), 0, List.copyOf(other), whole.sealed()));

    assertThat(report.segments()).isZero();
    assertThat(report.notLogged()).singleElement().asString().contains("not the one");
  }

  @Test
  void aMergedSegmentWhosePartsAreThereNeedsNoLog() throws IOException {
    seal(4);
    new LogCompaction(store, repository.log(TREE), 3).run();
    LogSegment merged =
        segments().stream().filter(s -> s.last() - s.first() > 3).findFirst().orElseThrow();
    flip(merged);

    RepairReport report = Repository.open(store).repair(List.of(), Optional.empty(), _ -> {});

    assertThat(report.takenOut()).isEqualTo(1);
    assertThat(report.after().isSound()).isTrue();
    assertWhole();
  }

  /** The law: of what lies in the log as it is, any segments may be lost. */
  @Test
  void whicheverSegmentsAreLostAllOfThemComeBack() throws IOException {
    for (int i = 0; i < 60; i++) {
      now += 1 + random.nextInt(5);
      tree.change(now);
      if (random.nextInt(4) == 0) {
        tree.seal(repository);
      }
    }
    tree.putFile(++now);
    tree.seal(repository);
    if (random.nextBoolean()) {
      new LogCompaction(store, repository.log(TREE), 3).run();
    }
    for (LogSegment segment : segments()) {
      switch (random.nextInt(4)) {
        case 0 -> flip(segment);
        case 1 -> store.delete(segment.name().blobName());
        default -> {}
      }
    }

    RepairReport report = repair(SimulatedLog.of(tree));

    assertThat(report.notLogged()).isEmpty();
    assertWhole();
  }
}
