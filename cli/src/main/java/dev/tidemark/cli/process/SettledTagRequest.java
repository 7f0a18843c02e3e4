package dev.tidemark.cli.process;

import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.channels.SocketChannel;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CompletableFuture;

/** A tag asked of the watcher that runs on a data folder. Closing it takes the request back. */
public final class SettledTagRequest implements AutoCloseable {
  private final SocketChannel channel;
  private final CompletableFuture<LoggedAt> answer = new CompletableFuture<>();

  /**
   * Where the tag stands.
   *
   * @param offset in its partition of the changes topic
   */
  public record LoggedAt(long offset, long logTimeMillis) {}

  private SettledTagRequest(SocketChannel channel) {
    this.channel = channel;
  }

  /**
   * Reaches the watcher; asks for nothing yet.
   *
   * @throws IOException if no watcher of the tree runs there; the message is for the user
   */
  public static SettledTagRequest connect(DataFolder data, TreeName tree) throws IOException {
    try {
      return new SettledTagRequest(WatcherControl.connect(data.control(tree)));
    } catch (NoSuchFileException | ConnectException e) {
      throw new IOException(
          ("no watcher of tree %s runs on the data folder %s. Name the folder of the `tidemark up`"
                  + " or `tidemark watch` that runs, with --data DIR.")
              .formatted(tree, data.root()),
          e);
    }
  }

  /** Asks; completes when the tag, and all that was done before this call, are acknowledged. */
  public CompletableFuture<LoggedAt> send(String label) throws IOException {
    WatcherControl.write(channel, "tag " + label);
    Thread.ofVirtual().name("tidemark-tag-answer").start(this::receive);
    return answer;
  }

  private void receive() {
    try {
      String line = WatcherControl.readLine(channel);
      String[] words = line.split(" ", 3);
      if (words[0].equals("ok") && words.length == 3) {
        answer.complete(new LoggedAt(Long.parseLong(words[1]), Long.parseLong(words[2])));
      } else {
        answer.completeExceptionally(
            new IOException(
                "the watcher did not place the tag: " + line.substring(words[0].length()).strip()));
      }
    } catch (IOException e) {
      answer.completeExceptionally(
          new IOException(
              "the watcher ended before it answered; nothing says that a tag is there"));
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
