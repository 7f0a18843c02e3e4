package dev.tidemark.cli.process;

import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** A tag asked of the watcher that runs on a data folder. Closing it takes the request back. */
public final class SettledTagRequest implements AutoCloseable {
  private final ControlRequest request;

  /**
   * Where the tag stands.
   *
   * @param offset in its partition of the changes topic
   */
  public record LoggedAt(long offset, long logTimeMillis) {}

  private SettledTagRequest(ControlRequest request) {
    this.request = request;
  }

  /**
   * Reaches the watcher; asks for nothing yet.
   *
   * @throws IOException if no watcher of the tree runs there; the message is for the user
   */
  public static SettledTagRequest connect(DataFolder data, TreeName tree) throws IOException {
    return new SettledTagRequest(
        ControlRequest.connect(data, tree, "watcher", "`tidemark up` or `tidemark watch`"));
  }

  /** Asks; completes when the tag, and all that was done before this call, are acknowledged. */
  public CompletableFuture<LoggedAt> send(String label) throws IOException {
    return request.send("tag " + label).handle(SettledTagRequest::read).thenCompose(c -> c);
  }

  private static CompletableFuture<LoggedAt> read(String told, Throwable failure) {
    if (failure != null) {
      return CompletableFuture.failedFuture(
          new IOException("the watcher did not place the tag: " + failure.getMessage(), failure));
    }
    String[] words = told.split(" ", 2);
    return CompletableFuture.completedFuture(
        new LoggedAt(Long.parseLong(words[0]), Long.parseLong(words[1])));
  }

  @Override
  public void close() throws IOException {
    request.close();
  }
}
