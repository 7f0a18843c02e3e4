package dev.tidemark.repository.blob.s3;

import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

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
      throw new RequestFailedException(unwrap(e));
    } catch (InterruptedException e) {
      request.cancel(true);
      Thread.currentThread().interrupt();
      InterruptedIOException stopped = new InterruptedIOException("interrupted during a request");
      stopped.initCause(e);
      throw stopped;
    }
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
