package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.log.LogConnection;
import dev.tidemark.mirror.Origin.StartingPoint;
import dev.tidemark.repository.retention.RetentionPolicy;
import dev.tidemark.repository.retention.TreeRetention;
import dev.tidemark.restore.TestRepository;
import dev.tidemark.restore.TestRepository.Sealable;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a standby begins that knows nothing yet. */
final class RepositoryOriginTest {
  private static final TreeName WEB = new TreeName("web");
  private static final UUID WRITER = new UUID(1, 1);
  private static final Duration GRACE = Duration.ofHours(24);

  @TempDir Path folder;
  private final List<Sealable> changes = new ArrayList<>();
  private Cursor cursor = Cursor.start(new UUID(2, 2), 0, 0);

  private void add(long hour, Change.Body body) {
    boolean begins = body instanceof Change.EpochStarted;
    Change change =
        new Change(
            WEB,
            begins ? Change.NO_EPOCH : cursor.epoch().offset(),
            begins ? 0 : cursor.number() + 1,
            WRITER,
            0,
            Change.Cause.SCAN,
            Change.Frames.NONE,
            body);
    cursor = cursor.accept(change, cursor.nextOffset(), Duration.ofHours(hour).toMillis()).next();
    changes.add(new Sealable(change, cursor));
  }

  private static Change.Body directory(String path) {
    Metadata metadata = Metadata.of(0755, 0, 0, new Metadata.FileTime(1, 0));
    return new Change.Put(NodePath.ofText(path), new Node.Directory(metadata));
  }

  @Test
  void insideAFullScanItBeginsAtTheSnapshotThatRetentionLeftBeforeIt() throws Exception {
    try (TestRepository repository = TestRepository.create(folder.resolve("repository"))) {
      add(1, new Change.EpochStarted("host", 1, new Change.Previous.None(), 0));
      add(1, directory(""));
      repository.seal(WEB, changes);
      changes.clear();
      add(2, directory("before"));
      add(3, new Change.ScanStarted(Change.ScanKind.FULL));
      add(60, directory("in-scan"));
      repository.seal(WEB, changes);
      changes.clear();
      add(100, directory("newest"));
      repository.seal(WEB, changes);
      TreeRetention retention = new TreeRetention(repository.repository(), WEB, GRACE);
      retention.apply(retention.plan(RetentionPolicy.keepWithin(Duration.ZERO)).orElseThrow());

      StartingPoint start;
      MirrorConfig config =
          MirrorConfig.of(
                  WEB,
                  folder.resolve("target"),
                  folder.resolve("state"),
                  "standby",
                  LogConnection.to("none:1"))
              .withRepository(repository.url());
      try (Origin origin = RepositoryOrigin.open(config)) {
        start = origin.newest().orElseThrow();

        assertThat(start.cursor().sequence()).isEqualTo(3);
        assertThat(start.cursor().openScan()).isEqualTo(Cursor.OpenScan.NONE);
        assertThat(start.tree().find(NodePath.ofText("before"))).isPresent();
        assertThat(start.tree().find(NodePath.ofText("in-scan"))).isEmpty();
      }
    }
  }
}
