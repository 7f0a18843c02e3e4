package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.apply.FrameSource;
import dev.tidemark.apply.TestFrames;
import dev.tidemark.filesystem.entry.Batch;
import dev.tidemark.filesystem.entry.EntryStore;
import dev.tidemark.filesystem.entry.Table;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.log.LogConnection;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinkedEntriesTest {
  private static final FileTime TIME = new FileTime(1_700_000_000, 123_456_789);

  @TempDir Path folder;
  private final TestFrames frames = new TestFrames();
  private final SimulatedLog log;

  LinkedEntriesTest() throws IOException {
    log = new SimulatedLog();
    add(new Change.Put(NodePath.ROOT, directory()));
  }

  @BeforeEach
  void ownersCanBeSet() throws Exception {
    assumeTrue(Privilege.isRoot(), "only root can give files to other owners");
  }

  private static NodePath path(String text) {
    return NodePath.ofText(text);
  }

  private static Node.Directory directory() {
    return new Node.Directory(Metadata.of(0755, 0, 0, TIME));
  }

  private Node.File shared(String text, int mode) {
    return new Node.File(
        new Metadata(mode, 0, 0, "", "", TIME, List.of(), 7),
        frames.content(text.getBytes(StandardCharsets.UTF_8)));
  }

  private void add(Change.Body body) throws IOException {
    assertThat(log.add(body)).as(body.toString()).isTrue();
  }

  private void put(String path, Node node) throws IOException {
    add(new Change.Put(path(path), node));
  }

  private TestSession session() throws IOException {
    return new TestSession(folder, frames, CrashPoints.NONE);
  }

  private void apply() throws IOException {
    try (TestSession session = session()) {
      session.apply(log.after(session.sequence()));
    }
  }

  private Path target(String path) {
    return folder.resolve("target").resolve(path);
  }

  private long inode(String path) throws IOException {
    return (long) Files.getAttribute(target(path), "unix:ino");
  }

  private int links(String path) throws IOException {
    return (int) Files.getAttribute(target(path), "unix:nlink");
  }

  @Test
  void aSecondNameIsLinkedWithoutItsBytes() throws Exception {
    put("d", directory());
    put("a", shared("text", 0644));
    apply();
    put("d/b", shared("text", 0644));
    put("c", shared("text", 0644));
    FrameSource none =
        wanted -> {
          throw new IOException("no frame is needed");
        };
    try (TestSession session = new TestSession(folder, none, CrashPoints.NONE)) {
      session.apply(log.after(session.sequence()));

      // What an inode was left with is known under each of its names.
      assertIsAsLeft(session, "a");
      assertIsAsLeft(session, "c");
    }

    assertThat(inode("d/b")).isEqualTo(inode("a"));
    assertThat(inode("c")).isEqualTo(inode("a"));
    assertThat(links("a")).isEqualTo(3);
  }

  private static void assertIsAsLeft(TestSession session, String name) throws IOException {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    FileStatus is = LinuxFiles.status(session.target.root(), bytes);
    StateEntry entry = session.state.find(MirrorState.ROOT_ID, bytes).orElseThrow();
    assertThat(entry.signature()).as(name).isEqualTo(Signature.of(is));
  }

  @Test
  void aWriteThroughOneNameReachesAll() throws Exception {
    for (String name : List.of("a", "b", "c")) {
      put(name, shared("old", 0644));
    }
    apply();
    for (String name : List.of("b", "a", "c")) {
      put(name, shared("new", 0600));
    }
    apply();

    assertThat(links("a")).isEqualTo(3);
    assertThat(target("c")).hasContent("new");
    assertThat(Files.getAttribute(target("c"), "unix:mode")).isEqualTo(0100600);
  }

  @Test
  void aNameThatChangesLeavesTheOthersAlone() throws Exception {
    put("a", shared("text", 0644));
    put("b", shared("text", 0644));
    apply();
    assertThat(inode("b")).isEqualTo(inode("a"));
    put("a", shared("text", 0600));
    apply();

    assertThat(Files.getAttribute(target("b"), "unix:mode")).isEqualTo(0100644);
    assertThat(Files.getAttribute(target("a"), "unix:mode")).isEqualTo(0100600);
    assertThat(links("a")).isEqualTo(1);

    put("b", shared("text", 0600));
    apply();
    assertThat(inode("b")).isEqualTo(inode("a"));
  }

  @Test
  void anEntryIsFoundAfterItsDirectoriesWereRenamed() throws Exception {
    for (String name : List.of("d", "d/e", "x")) {
      put(name, directory());
    }
    put("d/e/a", shared("text", 0644));
    apply();
    add(new Change.Move(path("d"), path("x/d")));
    add(new Change.Move(path("x/d/e"), path("y")));
    put("z", directory());
    add(new Change.Exchange(path("y"), path("z")));
    add(new Change.Move(path("z/a"), path("z/moved")));
    apply();
    put("b", shared("text", 0644));
    apply();

    assertThat(inode("b")).isEqualTo(inode("z/moved"));
  }

  @Test
  void whatWentWithItsDirectoryIsNotLinkedTo() throws Exception {
    put("d", directory());
    put("d/a", shared("text", 0644));
    apply();
    add(new Change.Remove(path("d")));
    put("d", directory());
    // Looks the same, and is another inode.
    put("d/a", frames.file("text".getBytes(StandardCharsets.UTF_8), 0644, TIME));
    apply();
    put("b", shared("text", 0644));
    apply();

    assertThat(links("b")).isEqualTo(1);
    assertThat(links("d/a")).isEqualTo(1);
    assertThat(target("b")).hasContent("text");
  }

  @Test
  void aRenameBetweenTwoNamesOfOneInodeTakesTheFirstAway() throws Exception {
    put("a", shared("text", 0644));
    put("b", shared("text", 0644));
    apply();
    add(new Change.Move(path("a"), path("b")));
    apply();

    assertThat(target("a")).doesNotExist();
    assertThat(links("b")).isEqualTo(1);
  }

  @Test
  void aChangeThatIsAppliedAgainLinksAgain() throws Exception {
    put("a", shared("text", 0644));
    apply();
    put("b", shared("text", 0644));
    put("c", shared("text", 0644));
    int[] left = {2};
    CrashPoints crashes =
        step -> {
          if (step.equals("applied") && --left[0] == 0) {
            throw new IllegalStateException("crash");
          }
        };
    List<Throwable> crashed = new ArrayList<>();
    try (TestSession session = new TestSession(folder, frames, crashes)) {
      session.apply(log.after(session.sequence()));
    } catch (IllegalStateException e) {
      crashed.add(e);
    }
    assertThat(crashed).hasSize(1);
    assertThat(links("a")).isEqualTo(3);
    apply();

    assertThat(links("a")).isEqualTo(3);
    assertThat(inode("c")).isEqualTo(inode("a"));
  }

  @Test
  void aStateWithoutAnIndexGetsOne() throws Exception {
    put("d", directory());
    put("d/a", shared("text", 0644));
    apply();
    List<Table> tables = new ArrayList<>(LinkIndex.TABLES);
    Table meta = new Table("meta");
    tables.add(meta);
    try (EntryStore store = EntryStore.open(folder.resolve("state"), tables);
        Batch batch = store.batch()) {
      for (Table table : LinkIndex.TABLES) {
        batch.clear(table);
      }
      batch.remove(meta, "links-indexed".getBytes(StandardCharsets.UTF_8));
      batch.commit();
    }
    put("b", shared("text", 0644));
    apply();

    assertThat(inode("b")).isEqualTo(inode("d/a"));
  }

  @Test
  void aRepairMendsLinksAndKnowsHowItLeftThem() throws Exception {
    put("a", shared("text", 0644));
    put("b", shared("text", 0644));
    put("c", shared("text", 0644));
    apply();
    Files.delete(target("b"));
    Files.copy(target("a"), target("b"), StandardCopyOption.COPY_ATTRIBUTES);
    MirrorConfig config =
        MirrorConfig.of(
            SimulatedLog.TREE,
            folder.resolve("target"),
            folder.resolve("aside"),
            "standby",
            LogConnection.to("127.0.0.1:1"));
    try (TestSession session = session()) {
      var synchroniser =
          new Synchroniser(
              config,
              session.target,
              session.state,
              new StatusBoard(InstantSource.system()),
              InstantSource.system());
      synchroniser.repair(Long.MAX_VALUE, frames);
      assertThat(inode("b")).isEqualTo(inode("a"));
      for (String name : List.of("a", "b", "c")) {
        assertIsAsLeft(session, name);
      }
    }
    assertThat(links("a")).isEqualTo(3);
  }
}
