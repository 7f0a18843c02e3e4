package dev.tidemark.store.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Body;
import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.schemas.change.Change.Frames;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Which change takes the place of a version whose bytes are lost. */
final class SupersessionTest {
  private static final Node FILE =
      new Node.File(Metadata.of(0644, 0, 0, new FileTime(0, 0)), Content.EMPTY);

  private final Supersession supersession = new Supersession(path("d/a"), FILE);

  @Test
  void aPutOfThePathDoes() {
    assertThat(follow(new Change.Put(path("d/b"), FILE))).isFalse();
    assertThat(follow(new Change.Put(path("d/a"), FILE))).isTrue();
    assertThat(supersession.substitute()).isEqualTo(new Change.Keep(path("d/a")));
  }

  @Test
  void aRemovalOfADirectoryAboveDoes() {
    assertThat(follow(new Change.Remove(path("d")))).isTrue();
  }

  @Test
  void aRenameOverItDoes() {
    assertThat(follow(new Change.Move(path("x"), path("d/a")))).isTrue();
  }

  @Test
  void theVersionIsFollowedThroughRenamesAndLeavesSomethingToRename() {
    assertThat(follow(new Change.Move(path("d"), path("e")))).isFalse();
    assertThat(follow(new Change.Move(path("e/a"), path("f")))).isFalse();
    assertThat(follow(new Change.Exchange(path("g"), path("f")))).isFalse();
    assertThat(follow(new Change.Put(path("d/a"), FILE))).isFalse();
    assertThat(follow(new Change.Put(path("g"), FILE))).isTrue();

    assertThat(supersession.substitute())
        .isInstanceOfSatisfying(
            Change.Put.class,
            put -> {
              assertThat(put.path()).isEqualTo(path("d/a"));
              assertThat(((Node.File) put.node()).content().torn()).isTrue();
            });
  }

  @Test
  void theEndOfAFullScanDoesUnlessThePathWasKept() {
    Supersession kept = new Supersession(path("d/a"), FILE);
    for (Supersession each : new Supersession[] {supersession, kept}) {
      each.follow(change(new Change.ScanStarted(Change.ScanKind.FULL)));
    }
    kept.follow(change(new Change.Keep(path("d"))));

    assertThat(follow(new Change.ScanCompleted(Change.ScanKind.FULL))).isTrue();
    assertThat(kept.follow(change(new Change.ScanCompleted(Change.ScanKind.FULL)))).isFalse();
  }

  @Test
  void aNewEpochVoidsTheScan() {
    follow(new Change.ScanStarted(Change.ScanKind.FULL));
    follow(new Change.EpochStarted("host", 2, new Change.Previous.None(), 0));

    assertThat(follow(new Change.ScanCompleted(Change.ScanKind.FULL))).isFalse();
  }

  private boolean follow(Body body) {
    return supersession.follow(change(body));
  }

  private static Change change(Body body) {
    return new Change(new TreeName("web"), 0, 1, new UUID(0, 1), 0, Cause.LIVE, Frames.NONE, body);
  }

  private static NodePath path(String text) {
    return NodePath.ofText(text);
  }
}
