package dev.tidemark.repository.history;

import static dev.tidemark.repository.TestData.DESCRIPTOR;
import static dev.tidemark.repository.TestData.WEB;
import static dev.tidemark.repository.TestData.directory;
import static dev.tidemark.repository.TestData.file;
import static dev.tidemark.repository.TestData.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.TestData.Script;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.repository.history.PathEvent.Means;
import dev.tidemark.repository.history.PathEvent.Writer;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.NodeAspect;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What brought each event about. */
final class PathFollowerTest {
  private Repository repository;
  private Script script;
  private long time = 2_000;

  @BeforeEach
  void begin() throws IOException {
    repository = Repository.create(new InMemoryBlobStore(), DESCRIPTOR);
    script = Script.start();
    add(put("", directory()));
    add(put("d", directory()));
  }

  private void add(Change.Body body) {
    script.append(body, ++time);
  }

  private PathFollower follow(String path, int most) throws IOException {
    repository.log(WEB).append(script.take(), script.cursor());
    return repository.history(WEB).open().follow(NodePath.ofText(path), most);
  }

  private static Writer by(long logTime) {
    return new Writer("host", Cause.LIVE, logTime * 1000);
  }

  private static Change.Move move(String from, String to) {
    return new Change.Move(NodePath.ofText(from), NodePath.ofText(to));
  }

  @Test
  void aFileThatIsMadeChangedMovedAwayAndBack() throws IOException {
    add(put("d/f", file("1")));
    add(put("d/f", file("2")));
    add(put("d/f", file("2")));
    add(move("d", "e"));
    add(move("e/f", "x"));
    add(put("d", directory()));
    add(move("x", "d/f"));
    add(new Change.Remove(NodePath.ofText("d")));

    PathFollower follower = follow("d/f", 100);

    assertThat(follower.events())
        .containsExactly(
            new PathEvent.Appeared(4, 2_003, new Means.Written(by(2_003)), file("1")),
            new PathEvent.Changed(
                5, 2_004, new Means.Written(by(2_004)), file("2"), Set.of(NodeAspect.CONTENT)),
            new PathEvent.Gone(7, 2_006, new Means.MovedTo(by(2_006), NodePath.ofText("e/f"))),
            new PathEvent.Appeared(
                10, 2_009, new Means.MovedFrom(by(2_009), NodePath.ofText("x")), file("2")),
            new PathEvent.Gone(11, 2_010, new Means.Written(by(2_010))));
    assertThat(follower.dropped()).isZero();
    assertThat(follower.lastSequence()).isEqualTo(11);
  }

  @Test
  void anExchangeBringsWhatTheOtherPathHadAndTakesWhatStoodHere() throws IOException {
    add(put("e", directory()));
    add(put("d/f", file("1")));
    add(new Change.Exchange(NodePath.ofText("d"), NodePath.ofText("e")));
    add(new Change.Exchange(NodePath.ofText("e"), NodePath.ofText("d")));

    assertThat(follow("d/f", 100).events())
        .extracting(PathEvent::means)
        .containsExactly(
            new Means.Written(by(2_004)),
            new Means.MovedTo(by(2_005), NodePath.ofText("e/f")),
            new Means.MovedFrom(by(2_006), NodePath.ofText("e/f")));
  }

  @Test
  void whatAMoveOfAnotherEntryOrAFullScanTakesAwayIsToldSo() throws IOException {
    add(put("d/f", file("1")));
    add(put("x", directory()));
    add(move("x", "d"));
    add(put("d/f", file("2")));
    add(new Change.ScanStarted(ScanKind.FULL));
    add(put("", directory()));
    add(new Change.ScanCompleted(ScanKind.FULL));

    assertThat(follow("d/f", 100).events())
        .extracting(PathEvent::means)
        .containsExactly(
            new Means.Written(by(2_003)),
            new Means.Written(by(2_005)),
            new Means.Written(by(2_006)),
            new Means.NotFound(by(2_009)));
  }

  @Test
  void theOldestAreLeftOutAndWhatTheyLedToIsKnownAllTheSame() throws IOException {
    for (int i = 0; i < 5; i++) {
      add(put("d/f", file("text " + i)));
    }

    PathFollower follower = follow("d/f", 2);

    assertThat(follower.events()).extracting(PathEvent::sequence).isEqualTo(List.of(7L, 8L));
    assertThat(follower.events()).allMatch(PathEvent.Changed.class::isInstance);
    assertThat(follower.dropped()).isEqualTo(3);
  }

  @Test
  void whatRetentionTookOutIsShownByWhatItKept() throws IOException {
    add(put("d/f", file("1")));
    add(put("d/f", file("2")));
    add(put("d/f", file("3")));
    repository.log(WEB).append(script.take(), script.cursor());
    repository.history(WEB).snapshotNow();
    repository.log(WEB).addGap(1, 6);
    add(put("d/f", file("4")));

    assertThat(follow("d/f", 100).events())
        .containsExactly(
            new PathEvent.Appeared(6, 2_005, new Means.Kept(), file("3")),
            new PathEvent.Changed(
                7, 2_006, new Means.Written(by(2_006)), file("4"), Set.of(NodeAspect.CONTENT)));
  }
}
