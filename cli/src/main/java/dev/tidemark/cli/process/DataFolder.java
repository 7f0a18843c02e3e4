package dev.tidemark.cli.process;

import dev.tidemark.broker.EmbeddedBroker;
import dev.tidemark.broker.FolderLock;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;

/**
 * Where {@code up} keeps everything.
 *
 * <pre>
 * up.lock            held while an up runs, with its process id
 * broker/            the embedded broker's log
 * repository/        the repository
 * store/             state of the chunk-store, rebuilt from the log when lost
 * watcher/TREE/      state of the watcher, rebuilt by a full scan when lost
 *   control/         where the running watcher takes requests
 * standby/TREE/      state of the standby, rebuilt by comparing when lost
 * </pre>
 */
public record DataFolder(Path root) {
  private static final int CONNECT_MILLIS = 500;

  public DataFolder {
    root = root.toAbsolutePath().normalize();
  }

  /**
   * The folder used when none is named: {@code /var/lib/tidemark} for the super-user, else that of
   * the XDG base directories.
   */
  public static DataFolder usual(String user, Path home, Map<String, String> environment) {
    if (user.equals("root")) {
      return new DataFolder(Path.of("/var/lib/tidemark"));
    }
    String data = environment.getOrDefault("XDG_DATA_HOME", "");
    Path base = data.startsWith("/") ? Path.of(data) : home.resolve(".local/share");
    return new DataFolder(base.resolve("tidemark"));
  }

  public Path broker() {
    return root.resolve("broker");
  }

  public Path repository() {
    return root.resolve("repository");
  }

  public Path store() {
    return root.resolve("store");
  }

  public Path watcher(TreeName tree) {
    return root.resolve("watcher").resolve(tree.value());
  }

  /** The folder in which the tree's running watcher listens. */
  public Path control(TreeName tree) {
    return watcher(tree).resolve("control");
  }

  public Path standby(TreeName tree) {
    return root.resolve("standby").resolve(tree.value());
  }

  /** Where a member of a group of hosts keeps which role it has. */
  public Path member(TreeName tree) {
    return root.resolve("member").resolve(tree.value());
  }

  private Path lock() {
    return root.resolve("up.lock");
  }

  /**
   * Takes the lock that each {@code up} holds while it runs on this folder, which is there.
   *
   * @throws DataFolderInUseException if another one has it
   */
  public FolderLock lockForUp() throws IOException {
    return FolderLock.acquire(
        lock(),
        holder ->
            new DataFolderInUseException(
                ("Another `tidemark up` (%s) runs on the data folder %s. Stop that one first, or"
                        + " give this one a folder of its own with --data.")
                    .formatted(holder, root)));
  }

  /**
   * Takes the lock that each member of a tree holds, before its role file or its socket is touched;
   * makes the member's folder.
   *
   * @throws DataFolderInUseException if another one has it
   */
  public FolderLock lockForMember(TreeName tree) throws IOException {
    Path folder = Files.createDirectories(member(tree));
    return FolderLock.acquire(
        folder.resolve("lock"),
        holder ->
            new DataFolderInUseException(
                ("Another `tidemark member` (%s) runs with %s. Stop that one first, or give this"
                        + " one a data folder of its own with --data.")
                    .formatted(holder, folder)));
  }

  /** Whether the {@code up} that runs here lives, without touching its lock. */
  boolean isLockedByUp() throws IOException {
    return FolderLock.isHeldByLiveProcess(lock());
  }

  /** Makes the folder, readable by its owner alone: it holds what the trees hold. */
  public void create() throws IOException {
    if (Files.isDirectory(root)) {
      return;
    }
    try {
      Path parent = root.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.createDirectory(
          root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw new IOException(
          "The data folder %s cannot be made: %s. Choose another one with --data, or mend that."
              .formatted(root, FileFailures.describe(e)),
          e);
    }
  }

  /** Whether an {@code up} ever ran here. */
  public boolean isUsed() {
    return Files.isDirectory(repository());
  }

  /** Address of the broker of the {@code up} that runs here; empty if none runs. */
  public Optional<String> findRunningBroker() throws IOException {
    if (!isLockedByUp()) {
      return Optional.empty();
    }
    return EmbeddedBroker.findBootstrapServers(broker()).filter(DataFolder::answers);
  }

  private static boolean answers(String address) {
    int colon = address.lastIndexOf(':');
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(
              address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))),
          CONNECT_MILLIS);
      return true;
    } catch (IOException notListening) {
      return false;
    }
  }
}
