package dev.tidemark.cli;

import dev.tidemark.cli.process.ControlRequest;
import dev.tidemark.cli.process.DataFolder;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What {@code promote} and {@code rejoin} ask of the member that runs on a data folder. */
final class MemberRequest {
  private static final Duration POLL = Duration.ofMillis(50);

  private MemberRequest() {}

  /**
   * Asks and waits.
   *
   * @return what the member tells when it is done
   * @throws CommandException if it is not done in time, or the user does not wait
   */
  static String ask(
      Surroundings surroundings, DataFolder folder, TreeName tree, String request, Duration limit)
      throws IOException, CommandException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    try (ControlRequest control =
        ControlRequest.connect(folder, tree, "member", "`tidemark member`")) {
      CompletableFuture<String> answer = control.send(request);
      while (true) {
        try {
          return answer.get(POLL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
          if (surroundings.stop().await(Duration.ZERO)) {
            throw notDone(tree, "interrupted");
          }
          if (System.nanoTime() > deadline) {
            throw notDone(tree, "not done within %d s".formatted(limit.toSeconds()));
          }
        } catch (ExecutionException e) {
          throw e.getCause() instanceof IOException io
              ? io
              : new IOException(String.valueOf(e.getMessage()), e);
        }
      }
    }
  }

  private static CommandException notDone(TreeName tree, String why) {
    return CommandException.failed(
        ("tree %s: %s. What has been begun goes on by itself: the member's own output tells how far"
                + " it is, and the same command may be given again.")
            .formatted(tree, why));
  }
}
