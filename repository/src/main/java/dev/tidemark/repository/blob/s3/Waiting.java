package dev.tidemark.repository.blob.s3;

import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import software.amazon.awssdk.core.exception.AbortedException;

/** Waits on the caller's thread for what runs elsewhere. */
final class Waiting {
  private Waiting() {}

  /**
   * The result.
   *
   * @throws RequestFailedException with what the request ended with
   * @throws InterruptedIOException if the caller shall stop; the request is given up, and may have
   *     had its effect
   */
  static <T> T on(CompletableFuture<T> request)
      throws RequestFailedException, InterruptedIOException {
    try {
      return request.get();
    } catch (ExecutionException e) {
      // The SDK does the first steps of a request on the caller's thread, and may meet it there.
      if (Thread.currentThread().isInterrupted() || isInterrupt(e)) {
        throw interrupted(e);
      }
      throw new RequestFailedException(unwrap(e));
    } catch (InterruptedException e) {
      request.cancel(true);
      throw interrupted(e);
    }
  }

  private static InterruptedIOException interrupted(Exception cause) {
    Thread.currentThread().interrupt();
    InterruptedIOException stopped = new InterruptedIOException("interrupted during a request");
    stopped.initCause(cause);
    return stopped;
  }

  private static boolean isInterrupt(Throwable failure) {
    int depth = 0;
    for (Throwable cause = failure; cause != null && depth < 20; cause = cause.getCause()) {
      if (cause instanceof InterruptedException || cause instanceof AbortedException) {
        return true;
      }
      depth++;
    }
    return false;
  }

  private static Throwable unwrap(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof ExecutionException || cause instanceof CompletionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /** A request ended without a result; always caught near its call, and explained. */
  static final class RequestFailedException extends Exception {
    private final Throwable reason;

    RequestFailedException(Throwable reason) {
      super(reason);
      this.reason = reason;
    }

    Throwable reason() {
      return reason;
    }
  }
}
