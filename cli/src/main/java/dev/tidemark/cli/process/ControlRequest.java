package dev.tidemark.cli.process;

import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.channels.SocketChannel;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CompletableFuture;

/** A request to the process that has a role of a tree. Closing it takes the request back. */
public final class ControlRequest implements AutoCloseable {
  private final SocketChannel channel;
  private final CompletableFuture<String> answer = new CompletableFuture<>();

  private ControlRequest(SocketChannel channel) {
    this.channel = channel;
  }

  /**
   * Reaches the process; asks for nothing yet.
   *
   * @param role of the process that is to be reached, for the message
   * @param commands that run one, for the message
   * @throws IOException if none runs there; the message is for the user
   */
  public static ControlRequest connect(DataFolder data, TreeName tree, String role, String commands)
      throws IOException {
    try {
      return new ControlRequest(ControlSocket.connect(data.control(tree)));
    } catch (NoSuchFileException | ConnectException e) {
      throw new IOException(
          ("no %s of tree %s runs on the data folder %s. Name the folder of the %s that runs, with"
                  + " --data DIR.")
              .formatted(role, tree, data.root(), commands),
          e);
    }
  }

  /**
   * Asks.
   *
   * @return what there is to tell when it is done; exceptionally the reason why it is not
   */
  public CompletableFuture<String> send(String request) throws IOException {
    ControlSocket.write(channel, request);
    Thread.ofVirtual().name("tidemark-control-answer").start(this::receive);
    return answer;
  }

  private void receive() {
    try {
      String[] words = ControlSocket.readLine(channel).split(" ", 2);
      String rest = words.length == 2 ? words[1] : "";
      if (words[0].equals("ok")) {
        answer.complete(rest);
      } else {
        answer.completeExceptionally(new IOException(rest));
      }
    } catch (IOException e) {
      answer.completeExceptionally(
          new IOException("the process ended before it answered; ask again when it runs", e));
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
