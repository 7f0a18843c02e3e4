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
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where another process of the same user asks a running role for something: a Unix domain socket in
 * a folder of the role's own that nobody else may enter.
 *
 * <p>A request is one line of text, and so is the answer: {@code ok} and what there is to tell, or
 * {@code failed} and the reason. Who closes the connection before the answer takes the request
 * back.
 */
public final class ControlSocket implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ControlSocket.class);
  private static final String SOCKET = "socket";
  private static final int MOST_REQUESTS = 16;
  private static final int MOST_BYTES = 8 << 10;

  private final Requests handler;
  private final Path socket;
  private final ServerSocketChannel server;
  private final Semaphore free = new Semaphore(MOST_REQUESTS);
  private final ExecutorService requests;
  private final Thread acceptor;

  /** Answers requests. */
  public interface Requests {
    /**
     * Takes a request.
     *
     * @return completes with what there is to tell; completed from outside, it is taken back
     */
    CompletableFuture<String> take(String request);

    /** {@code tag LABEL}, answered by where the tag of the settled state stands: OFFSET MILLIS. */
    static Requests of(Watcher watcher) {
      return request -> {
        if (!request.startsWith("tag ")) {
          return unknown(request);
        }
        CompletableFuture<PublishedTag> tag = watcher.publishSettledTag(request.substring(4));
        return linked(tag, tag.thenApply(t -> "%d %d".formatted(t.offset(), t.logTimeMillis())));
      };
    }

    /** An answer to what is none of the requests that a role takes. */
    static CompletableFuture<String> unknown(String request) {
      return CompletableFuture.failedFuture(
          new IOException("unknown request: " + request.split(" ", 2)[0]));
    }

    private static CompletableFuture<String> linked(
        CompletableFuture<?> source, CompletableFuture<String> answer) {
      answer.whenComplete(
          (_, failure) -> {
            if (failure != null) {
              source.completeExceptionally(failure);
            }
          });
      return answer;
    }
  }

  private ControlSocket(Requests handler, Path socket, ServerSocketChannel server, String name) {
    this.handler = handler;
    this.socket = socket;
    this.server = server;
    this.requests =
        Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("tidemark-" + name + "-request-", 0).factory());
    this.acceptor =
        Thread.ofPlatform().name("tidemark-" + name + "-control").daemon().unstarted(this::accept);
  }

  /**
   * Listens for a role that runs. What an earlier process has left is replaced: the role's state is
   * locked, so that there is no other one.
   *
   * @param folder made if missing, for this user alone
   */
  public static ControlSocket start(Requests handler, Path folder, String name) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(
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
    ControlSocket control = new ControlSocket(handler, socket, server, name);
    control.acceptor.start();
    return control;
  }

  /** The kernel takes addresses of 107 bytes; by the open folder every path is short. */
  private static UnixDomainSocketAddress address(Descriptor folder) {
    return UnixDomainSocketAddress.of("/proc/self/fd/" + folder.number() + "/" + SOCKET);
  }

  /**
   * Connects to the role that listens in a folder.
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
      CompletableFuture<String> wanted = handler.take(readLine(client));
      CompletableFuture<Void> answered =
          wanted.handleAsync((told, failure) -> answer(client, told, failure), requests);
      try {
        awaitClosed(client);
      } finally {
        // Has no effect if it is there already.
        wanted.completeExceptionally(new IOException("the request was taken back"));
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

  private Void answer(SocketChannel client, String told, Throwable failure) {
    try {
      write(
          client, failure == null ? "ok " + told : "failed " + reason(failure).replace('\n', ' '));
      client.shutdownOutput();
    } catch (IOException e) {
      log.atInfo()
          .addKeyValue("socket", socket)
          .addKeyValue("reason", e.getMessage())
          .log("nobody waits for the answer any more");
    }
    return null;
  }

  private static String reason(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
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
