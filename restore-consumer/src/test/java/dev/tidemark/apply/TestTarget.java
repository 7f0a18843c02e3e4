package dev.tidemark.apply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Puts trees of a few nodes onto a directory, and looks at it with what is not ours. */
final class TestTarget {
  private TestTarget() {}

  /** Nodes by path, in path order. */
  static Map<NodePath, Node> tree() {
    return new TreeMap<>();
  }

  static SyncReport sync(
      Map<NodePath, Node> tree, FrameSource frames, Path directory, SyncOptions options)
      throws IOException {
    return sync(tree, frames, directory, options, SyncListener.NONE);
  }

  static SyncReport sync(
      Map<NodePath, Node> tree,
      FrameSource frames,
      Path directory,
      SyncOptions options,
      SyncListener listener)
      throws IOException {
    Deque<TreeEntry> entries = new ArrayDeque<>();
    tree.forEach((path, node) -> entries.add(new TreeEntry(path, node)));
    EntryStream stream =
        new EntryStream() {
          @Override
          public Optional<TreeEntry> next() {
            return Optional.ofNullable(entries.poll());
          }

          @Override
          public void close() {
            // Holds nothing.
          }
        };
    try (TargetDirectory target = TargetDirectory.open(directory)) {
      return new TreeSync(target, frames, options, listener).run(stream);
    }
  }

  static long inode(Path path) throws IOException {
    return (long) Files.getAttribute(path, "unix:ino", java.nio.file.LinkOption.NOFOLLOW_LINKS);
  }

  static int links(Path path) throws IOException {
    return (int) Files.getAttribute(path, "unix:nlink", java.nio.file.LinkOption.NOFOLLOW_LINKS);
  }

  /** Whether a program of another project can be asked. */
  static boolean hasPython() throws Exception {
    return run("python3", "-c", "import os; os.listxattr").exit() == 0;
  }

  /** The extended attributes of a file, a symlink itself included, as {@code name=hex} lines. */
  static String attributes(Path path) throws Exception {
    return python(
        """
        import os, sys
        p = os.fsencode(sys.argv[1])
        for n in sorted(os.listxattr(p, follow_symlinks=False)):
            if n != 'security.selinux':
                print(n + '=' + os.getxattr(p, n, follow_symlinks=False).hex())
        """,
        path.toString());
  }

  static void setAttribute(Path path, String name, String hex) throws Exception {
    String unused =
        python(
            "import os, sys; os.setxattr(sys.argv[1], sys.argv[2], bytes.fromhex(sys.argv[3]),"
                + " follow_symlinks=False)",
            path.toString(),
            name,
            hex);
  }

  /** The runs of data of a file, as {@code from-to} lines. */
  static String data(Path path) throws Exception {
    return python(
        """
        import os, sys
        f = os.open(sys.argv[1], os.O_RDONLY)
        at, size = 0, os.fstat(f).st_size
        while at < size:
            try:
                start = os.lseek(f, at, os.SEEK_DATA)
            except OSError:
                break
            at = os.lseek(f, start, os.SEEK_HOLE)
            print('%d-%d' % (start, at))
        """,
        path.toString());
  }

  static String python(String program, String... arguments) throws Exception {
    String[] command = new String[3 + arguments.length];
    command[0] = "python3";
    command[1] = "-c";
    command[2] = program;
    System.arraycopy(arguments, 0, command, 3, arguments.length);
    Ran ran = run(command);
    assertThat(ran.exit()).as(ran.output()).isZero();
    return ran.output();
  }

  record Ran(int exit, String output) {}

  static Ran run(String... command) throws Exception {
    Path output = Files.createTempFile("tidemark", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      return new Ran(process.exitValue(), Files.readString(output));
    } catch (IOException notThere) {
      return new Ran(127, notThere.toString());
    } finally {
      Files.delete(output);
    }
  }
}
