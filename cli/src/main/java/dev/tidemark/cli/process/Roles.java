package dev.tidemark.cli.process;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The running parts of this process. They are stopped in the reverse of the order in which they
 * were added. Thread-safe.
 */
public final class Roles implements AutoCloseable {
  private final Deque<Part> parts = new ArrayDeque<>();

  private record Part(String name, AutoCloseable closing, CompletableFuture<Void> failure) {}

  /** A role has ended by itself. */
  public static final class RoleFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    RoleFailedException(String role, Throwable cause) {
      super(
          "%s stopped: %s"
              .formatted(
                  role,
                  cause instanceof IOException io
                      ? FileFailures.describe(io)
                      : String.valueOf(cause.getMessage() == null ? cause : cause.getMessage())),
          cause);
    }
  }

  /**
   * Takes over something that runs.
   *
   * @param failure completes exceptionally if it ends by itself
   */
  public synchronized <T extends AutoCloseable> T add(
      String name, T part, CompletableFuture<Void> failure) {
    parts.push(new Part(name, part, failure));
    return part;
  }

  /** The same for something that does not end by itself. */
  public <T extends AutoCloseable> T add(String name, T part) {
    return add(name, part, new CompletableFuture<>());
  }

  /** Throws if one of the roles has ended by itself. */
  public synchronized void requireAllRunning() throws RoleFailedException {
    for (Part part : parts) {
      Optional<Throwable> failure = failure(part);
      if (failure.isPresent()) {
        throw new RoleFailedException(part.name(), failure.get());
      }
    }
  }

  private static Optional<Throwable> failure(Part part) {
    if (!part.failure().isCompletedExceptionally()) {
      return Optional.empty();
    }
    Throwable failure = part.failure().exceptionNow();
    return Optional.of(
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure);
  }

  /** Stops all, also when one of them fails to stop. */
  @Override
  public void close() throws IOException {
    List<Part> stopping = new ArrayList<>();
    synchronized (this) {
      stopping.addAll(parts);
      parts.clear();
    }
    IOException first = null;
    for (Part part : stopping) {
      try {
        part.closing().close();
      } catch (Exception e) {
        if (e instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        IOException failed = new IOException("%s: %s".formatted(part.name(), e.getMessage()), e);
        if (first == null) {
          first = failed;
        } else {
          first.addSuppressed(failed);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
