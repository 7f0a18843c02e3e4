package dev.tidemark.cli.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.watcher.PublishedTag;
import dev.tidemark.watcher.Watcher;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where another process of the same user asks a running watcher for a tag of a settled state: a
 * Unix domain socket in a folder of the watcher's own that nobody else may enter.
 *
 * <p>A request is one line, {@code tag LABEL}; the answer is one line, {@code ok OFFSET MILLIS} or
 * {@code failed REASON}. Who closes the connection before the answer takes the request back.
 */
public final class WatcherControl implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WatcherControl.class);
  private static final String SOCKET = "socket";
  private static final int MOST_REQUESTS = 16;
  private static final int MOST_BYTES = 8 << 10;

  private final Watcher watcher;
  private final Path socket;
  private final ServerSocketChannel server;
  private final Semaphore free = new Semaphore(MOST_REQUESTS);
  private final ExecutorService requests;
  private final Thread acceptor;

  private WatcherControl(Watcher watcher, Path socket, ServerSocketChannel server, String name) {
    this.watcher = watcher;
    this.socket = socket;
    this.server = server;
    this.requests =
        Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("tidemark-" + name + "-request-", 0).factory());
    this.acceptor =
        Thread.ofPlatform().name("tidemark-" + name + "-control").daemon().unstarted(this::accept);
  }

  /**
   * Listens for a watcher that runs. What an earlier process has left is replaced: the watcher's
   * state is locked, so that there is no other one.
   *
   * @param folder made if missing, for this user alone
   */
  public static WatcherControl start(Watcher watcher, Path folder, String name) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectory(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    Path socket = folder.resolve(SOCKET);
    Files.deleteIfExists(socket);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try (Descriptor open = LinuxFiles.openRoot(NativePath.of(folder))) {
      server.bind(address(open));
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
    WatcherControl control = new WatcherControl(watcher, socket, server, name);
    control.acceptor.start();
    return control;
  }

  /** The kernel takes addresses of 107 bytes; by the open folder every path is short. */
  private static UnixDomainSocketAddress address(Descriptor folder) {
    return UnixDomainSocketAddress.of("/proc/self/fd/" + folder.number() + "/" + SOCKET);
  }

  /**
   * Connects to the watcher that listens in a folder.
   *
   * @throws NoSuchFileException if none ever did
   * @throws java.net.ConnectException if none does now
   */
  static SocketChannel connect(Path folder) throws IOException {
    if (!Files.exists(folder.resolve(SOCKET))) {
      throw new NoSuchFileException(folder.resolve(SOCKET).toString());
    }
    try (Descriptor open = LinuxFiles.openRoot(NativePath.of(folder))) {
      return SocketChannel.open(address(open));
    }
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel client = server.accept();
        if (free.tryAcquire()) {
          requests.execute(() -> serve(client));
        } else {
          client.close();
        }
      }
    } catch (ClosedChannelException _) {
      // The process ends.
    } catch (IOException e) {
      log.atWarn()
          .addKeyValue("socket", socket)
          .addKeyValue("reason", e.getMessage())
          .log("no more requests are taken until the next start");
    }
  }

  private void serve(SocketChannel client) {
    try (client) {
      String line = readLine(client);
      if (!line.startsWith("tag ")) {
        write(client, "failed unknown request");
        return;
      }
      CompletableFuture<PublishedTag> tag = watcher.publishSettledTag(line.substring(4));
      CompletableFuture<Void> answered =
          tag.handleAsync((published, failure) -> answer(client, published, failure), requests);
      try {
        awaitClosed(client);
      } finally {
        // Has no effect if it is there already.
        tag.completeExceptionally(new IOException("the request was taken back"));
      }
      answered.join();
    } catch (IOException e) {
      log.atInfo()
          .addKeyValue("socket", socket)
          .addKeyValue("reason", e.getMessage())
          .log("request broken off");
    } finally {
      free.release();
    }
  }

  private Void answer(SocketChannel client, PublishedTag published, Throwable failure) {
    try {
      write(
          client,
          failure == null
              ? "ok %d %d".formatted(published.offset(), published.logTimeMillis())
              : "failed " + String.valueOf(failure.getMessage()).replace('\n', ' '));
      client.shutdownOutput();
    } catch (IOException e) {
      log.atInfo()
          .addKeyValue("socket", socket)
          .addKeyValue("reason", e.getMessage())
          .log("nobody waits for the answer any more");
    }
    return null;
  }

  /** Returns when the other side has closed, be it because it has its answer. */
  private static void awaitClosed(SocketChannel client) throws IOException {
    ByteBuffer ignored = ByteBuffer.allocate(64);
    while (client.read(ignored) >= 0) {
      ignored.clear();
    }
  }

  /** One line without its end. */
  static String readLine(SocketChannel channel) throws IOException {
    ByteBuffer line = ByteBuffer.allocate(MOST_BYTES);
    while (channel.read(line) >= 0) {
      int last = line.position() - 1;
      if (last >= 0 && line.get(last) == '\n') {
        return new String(line.array(), 0, last, UTF_8);
      }
      if (!line.hasRemaining()) {
        throw new IOException("a line of more than %d bytes".formatted(MOST_BYTES));
      }
    }
    throw new IOException("the connection was closed within a line");
  }

  static void write(SocketChannel channel, String line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    Files.deleteIfExists(socket);
    requests.shutdownNow();
  }
}
