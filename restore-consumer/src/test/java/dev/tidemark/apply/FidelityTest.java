package dev.tidemark.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.apply.SyncOptions.ExistingFiles;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.ExtendedAttribute;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.Node.DeviceKind;
import dev.tidemark.schemas.change.NodePath;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node can hold, each looked at with programs that share no code with what put it. */
class FidelityTest {
  private static final FileTime TIME = new FileTime(1_700_000_000, 123_456_789);

  /** user::rw-, user:7:r--, group::r--, mask::r--, other::--- as the kernel keeps it. */
  private static final String ACL =
      "02000000"
          + "01000600ffffffff"
          + "0200040007000000"
          + "04000400ffffffff"
          + "10000400ffffffff"
          + "20000000ffffffff";

  /** cap_net_bind_service=ep, version 2. */
  private static final String CAPABILITY = "0100000200040000000000000000000000000000";

  @TempDir Path folder;
  private final TestFrames frames = new TestFrames();
  private final Map<NodePath, Node> tree = TestTarget.tree();

  @BeforeEach
  void onlyRootCanDoAllOfThis() throws Exception {
    assumeTrue(
        Files.getAttribute(Path.of("/proc/self/status"), "unix:uid").equals(0),
        "only root can set owners and trusted attributes");
    assumeTrue(TestTarget.hasPython(), "no python3 to look at attributes with");
    tree.put(NodePath.ROOT, new Node.Directory(metadata(0755, List.of())));
  }

  private Path target(String path) {
    return folder.resolve("target").resolve(path);
  }

  private static ExtendedAttribute attribute(String name, String hex) {
    return new ExtendedAttribute(Bytes.ofText(name), Bytes.of(HexFormat.of().parseHex(hex)));
  }

  private static Metadata metadata(int mode, List<ExtendedAttribute> attributes) {
    List<ExtendedAttribute> sorted = new ArrayList<>(attributes);
    sorted.sort(Comparator.comparing(ExtendedAttribute::name));
    return new Metadata(mode, 3, 4, "", "", TIME, sorted, 0);
  }

  private Content content(String text) {
    return frames.content(text.getBytes(StandardCharsets.UTF_8));
  }

  private void put(String path, Node node) {
    tree.put(NodePath.ofText(path), node);
  }

  private SyncReport sync() throws Exception {
    return TestTarget.sync(tree, frames, target(""), SyncOptions.DEFAULT);
  }

  private SyncReport syncByContent() throws Exception {
    return TestTarget.sync(
        tree,
        frames,
        target(""),
        SyncOptions.DEFAULT.withExisting(ExistingFiles.KEEP_IF_CONTENT_EQUAL));
  }

  private static Object stat(Path path, String what) throws Exception {
    return Files.getAttribute(path, "unix:" + what, LinkOption.NOFOLLOW_LINKS);
  }

  @Test
  void setIdBitsAccessListsAndCapabilitiesAreAllThereAtTheEnd() throws Exception {
    List<ExtendedAttribute> all =
        List.of(
            attribute("user.note", "6869"),
            attribute("trusted.mark", "00ff00"),
            attribute("system.posix_acl_access", ACL),
            attribute("security.capability", CAPABILITY));
    put("f", new Node.File(metadata(06640, all), content("f")));
    sync();

    assertThat((int) stat(target("f"), "mode") & 07777).isEqualTo(06640);
    assertThat(stat(target("f"), "uid")).isEqualTo(3);
    assertThat(TestTarget.attributes(target("f")))
        .isEqualTo(
            "security.capability=%s\nsystem.posix_acl_access=%s\ntrusted.mark=00ff00\nuser.note=6869\n"
                .formatted(CAPABILITY, ACL));
  }

  @Test
  void aCapabilityStaysWhenOnlyTheOwnerWasWrong() throws Exception {
    List<ExtendedAttribute> all =
        List.of(
            attribute("system.posix_acl_access", ACL),
            attribute("security.capability", CAPABILITY));
    put("f", new Node.File(metadata(0640, all), content("f")));
    sync();
    Files.setAttribute(target("f"), "unix:uid", 9);
    TestTarget.setAttribute(target("f"), "security.capability", CAPABILITY);

    assertThat(sync().metadataChanged()).isEqualTo(1);

    assertThat(stat(target("f"), "uid")).isEqualTo(3);
    assertThat(TestTarget.attributes(target("f")))
        .isEqualTo(
            "security.capability=%s\nsystem.posix_acl_access=%s\n".formatted(CAPABILITY, ACL));
  }

  @Test
  void aDirectoryHasItsListsAndTimesAfterItsContents() throws Exception {
    List<ExtendedAttribute> lists =
        List.of(
            attribute("system.posix_acl_access", ACL), attribute("system.posix_acl_default", ACL));
    put("d", new Node.Directory(metadata(02640, lists)));
    put("d/f", new Node.File(metadata(0600, List.of()), content("f")));
    put("d/e", new Node.Directory(metadata(0700, List.of())));
    sync();

    assertThat(TestTarget.attributes(target("d")))
        .isEqualTo("system.posix_acl_access=%1$s\nsystem.posix_acl_default=%1$s\n".formatted(ACL));
    assertThat((int) stat(target("d"), "mode") & 07777).isEqualTo(02640);
    assertThat(Files.getLastModifiedTime(target("d")).toInstant().getNano()).isEqualTo(123_456_789);
    assertThat(TestTarget.attributes(target("d/f"))).isEmpty();
    assertThat(TestTarget.attributes(target("d/e"))).isEmpty();
    assertThat((int) stat(target("d/e"), "mode") & 07777).isEqualTo(0700);
  }

  @Test
  void whatTheFolderAroundHandsDownGetsIntoNoFile() throws Exception {
    TestTarget.setAttribute(folder, "system.posix_acl_default", ACL);
    Files.setAttribute(folder, "unix:mode", 02770);
    put("f", new Node.File(metadata(0644, List.of()), content("f")));
    put("fifo", new Node.Fifo(metadata(0644, List.of())));
    sync();

    assertThat(TestTarget.attributes(target(""))).isEmpty();
    assertThat(TestTarget.attributes(target("f"))).isEmpty();
    assertThat(TestTarget.attributes(target("fifo"))).isEmpty();
    assertThat((int) stat(target(""), "mode") & 07777).isEqualTo(0755);
  }

  @Test
  void attributesThatTheTreeHasNotAreTakenAwayAndTheBytesKept() throws Exception {
    put("f", new Node.File(metadata(0644, List.of(attribute("user.a", "01"))), content("f")));
    put(
        "l",
        new Node.Symlink(metadata(0777, List.of(attribute("trusted.t", "02"))), Bytes.ofText("x")));
    put("p", new Node.Fifo(metadata(0600, List.of(attribute("trusted.t", "03")))));
    sync();
    assertThat(TestTarget.attributes(target("l"))).isEqualTo("trusted.t=02\n");
    assertThat(TestTarget.attributes(target("p"))).isEqualTo("trusted.t=03\n");
    TestTarget.setAttribute(target("f"), "user.strange", "05");
    TestTarget.setAttribute(target("f"), "user.a", "06");
    TestTarget.setAttribute(target("f"), "trusted.overlay.origin", "07");
    TestTarget.setAttribute(target("l"), "trusted.strange", "08");
    long inode = TestTarget.inode(target("f"));

    SyncReport report = sync();

    assertThat(TestTarget.attributes(target("f")))
        .isEqualTo("trusted.overlay.origin=07\nuser.a=01\n");
    assertThat(TestTarget.attributes(target("l"))).isEqualTo("trusted.t=02\n");
    assertThat(report.metadataChanged()).isEqualTo(1);
    assertThat(TestTarget.inode(target("f"))).isEqualTo(inode);
    assertThat(sync().kept()).isEqualTo(3);
  }

  @Test
  void holesComeBackWhereTheyWereAndAreNotRead() throws Exception {
    byte[] island = new byte[8192];
    new Random(1).nextBytes(island);
    long gap = 1L << 38;
    List<Extent> extents = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      extents.add(new Extent.Hole(gap));
      extents.add(frames.chunk(island, 0, island.length));
    }
    extents.add(new Extent.Hole(gap));
    Content content = new Content(4 * gap + 3L * island.length, extents, false);
    put("sparse", new Node.File(metadata(0600, List.of()), content));
    put(
        "hole",
        new Node.File(
            metadata(0600, List.of()), new Content(gap, List.of(new Extent.Hole(gap)), false)));
    SyncReport first = sync();
    assumeTrue(first.failureCount() == 0, "this filesystem has no files of 1 TiB");

    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 3; i++) {
      long at = (i + 1) * gap + (long) i * island.length;
      expected.append(at).append('-').append(at + island.length).append('\n');
    }
    assertThat(TestTarget.data(target("sparse"))).isEqualTo(expected.toString());
    assertThat(Files.size(target("sparse"))).isEqualTo(content.size());
    assertThat(Files.size(target("hole"))).isEqualTo(gap);
    // Reading a quarter of a TiB of holes would take minutes.
    assertThat(syncByContent().kept()).isEqualTo(2);
  }

  @Test
  void aHoleThatWasFilledAndDataThatBecameAHoleAreFound() throws Exception {
    byte[] zeros = new byte[65_536];
    put("data", new Node.File(metadata(0600, List.of()), frames.content(zeros)));
    put(
        "hole",
        new Node.File(
            metadata(0600, List.of()),
            new Content(65_536, List.of(new Extent.Hole(65_536)), false)));
    sync();
    assertThat(TestTarget.data(target("data"))).isEqualTo("0-65536\n");
    assertThat(TestTarget.data(target("hole"))).isEmpty();
    assertThat(syncByContent().kept()).isEqualTo(2);
    String swap =
        """
        import os, sys
        for name, write in (('data', 0), ('hole', 1)):
            path = os.path.join(sys.argv[1], name)
            before = os.stat(path)
            f = os.open(path, os.O_WRONLY | os.O_TRUNC)
            if write:
                os.write(f, bytes(65536))
            os.ftruncate(f, 65536)
            os.close(f)
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        """;
    String unused = TestTarget.python(swap, target("").toString());

    SyncReport report = syncByContent();

    assertThat(report.filesWritten()).isEqualTo(2);
    assertThat(TestTarget.data(target("data"))).isEqualTo("0-65536\n");
    assertThat(TestTarget.data(target("hole"))).isEmpty();
  }

  @Test
  void devicesAndFarTimesAreExact() throws Exception {
    Metadata early = new Metadata(0666, 1, 2, "", "", new FileTime(-1, 999_999_999), List.of(), 0);
    Metadata late = new Metadata(0620, 1, 2, "", "", new FileTime(4_000_000_000L, 1), List.of(), 0);
    put("null", new Node.Device(early, DeviceKind.CHARACTER, 1, 3));
    put("disk", new Node.Device(late, DeviceKind.BLOCK, 259, 1_000));
    put("f", new Node.File(early, content("f")));
    put("l", new Node.Symlink(late, Bytes.ofText("x")));
    SyncReport report = sync();
    assumeTrue(
        report.losses().stream().noneMatch(loss -> loss.kind().isEntry()),
        "devices cannot be made here");

    String stat =
        TestTarget.python(
            """
            import os, sys
            for n in sys.argv[2:]:
                s = os.lstat(os.path.join(sys.argv[1], n))
                print(n, oct(s.st_mode), os.major(s.st_rdev), os.minor(s.st_rdev), s.st_mtime_ns)
            """,
            target("").toString(),
            "null",
            "disk",
            "f",
            "l");
    assertThat(stat)
        .isEqualTo(
            """
            null 0o20666 1 3 -1
            disk 0o60620 259 1000 4000000000000000001
            f 0o100666 0 0 -1
            l 0o120777 0 0 4000000000000000001
            """);
    assertThat(sync().kept()).isEqualTo(4);
  }

  @Test
  void namesAndTargetsAreAnyBytesAndPathsAnyLength() throws Exception {
    byte[] name = new byte[255];
    for (int i = 0; i < name.length; i++) {
      name[i] = (byte) (i % 3 == 0 ? 0xff : i % 3 == 1 ? '\n' : 'x');
    }
    NodePath path = NodePath.ROOT;
    for (int depth = 0; depth < 18; depth++) {
      path = path.child(name);
      tree.put(path, new Node.Directory(metadata(0755, List.of())));
    }
    tree.put(
        path.child(new byte[] {(byte) 0xfe}),
        new Node.File(metadata(0600, List.of()), content("deep")));
    Bytes target = Bytes.of(new byte[] {'a', '\n', (byte) 0xff, '/', (byte) 0xc3});
    tree.put(
        path.child(new byte[] {(byte) 0xfd}), new Node.Symlink(metadata(0777, List.of()), target));
    assertThat(path.bytes().length).isGreaterThan(4_096);

    assertThat(sync().failureCount()).isZero();

    assertThat(TargetCompare.describe(target("")).keySet()).isEqualTo(tree.keySet());
    assertThat(sync().kept()).isEqualTo(2);
    String deep =
        TestTarget.python(
            """
            import os, sys
            os.chdir(sys.argv[1])
            for i in range(18):
                os.chdir(os.listdir(b'.')[0])
            print(open(b'\\xfe').read(), os.readlink(b'\\xfd').hex())
            """,
            target("").toString());
    assertThat(deep).isEqualTo("deep 610aff2fc3\n");
    // Too deep for what removes the temporary folder.
    assertThat(TestTarget.run("rm", "-rf", target("").toString()).exit()).isZero();
  }

  @Test
  void ownersGoByNameUnlessNumbersAreAskedFor() throws Exception {
    long daemon = Long.parseLong(TestTarget.run("id", "-u", "daemon").output().strip());
    long mail = Long.parseLong(TestTarget.run("id", "-g", "mail").output().strip());
    put("named", file("daemon", "mail", 4_711));
    put("unknown", file("nobody-has-this-name", "", 4_711));
    put("root", file("daemon", "mail", 0));
    sync();
    assertThat(stat(target("named"), "uid")).isEqualTo((int) daemon);
    assertThat(stat(target("named"), "gid")).isEqualTo((int) mail);
    assertThat(stat(target("unknown"), "uid")).isEqualTo(4_711);
    assertThat(stat(target("root"), "uid")).isEqualTo(0);
    assertThat(sync().kept()).isEqualTo(3);

    TestTarget.sync(tree, frames, target(""), SyncOptions.DEFAULT.withOwners(OwnerIds.NUMERIC));
    assertThat(stat(target("named"), "uid")).isEqualTo(4_711);
    assertThat(stat(target("named"), "gid")).isEqualTo(4_711);
  }

  private Node.File file(String owner, String group, long id) {
    return new Node.File(
        new Metadata(0600, id, id, owner, group, TIME, List.of(), 0), content("f"));
  }

  @Test
  void whatTheFilesystemCannotHoldIsCountedAndTheRestIsThere() throws Exception {
    put(
        "f",
        new Node.File(
            metadata(0644, List.of(attribute("user.ok", "01"), attribute("other.namespace", "02"))),
            content("f")));
    put(
        "g",
        new Node.File(metadata(0644, List.of(attribute("other.namespace", "02"))), content("g")));

    SyncReport report = sync();

    assertThat(report.losses())
        .singleElement()
        .satisfies(
            loss -> {
              assertThat(loss.kind()).isEqualTo(Losses.Kind.OTHER_ATTRIBUTES);
              assertThat(loss.count()).isEqualTo(2);
              assertThat(loss.first()).contains("other.namespace");
            });
    assertThat(report.isComplete()).isTrue();
    assertThat(TestTarget.attributes(target("f"))).isEqualTo("user.ok=01\n");
  }
}
