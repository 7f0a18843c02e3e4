package dev.tidemark.log;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;

/** Turns what Kafka's clients throw into errors that say what was being done, and where. */
final class LogFailures {
  /** How long a broker may take over one answer before it counts as gone. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private LogFailures() {}

  static <T> T await(
      LogConnection connection, String doing, KafkaFuture<T> future, Duration patience)
      throws IOException {
    try {
      return future.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw translate(connection, doing, patience, e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw new BrokerUnreachableException(connection, doing, patience);
    } catch (InterruptedException e) {
      throw interrupted(doing);
    }
  }

  static IOException translate(LogConnection connection, String doing, Throwable cause) {
    return translate(connection, doing, PATIENCE, cause);
  }

  static IOException translate(
      LogConnection connection, String doing, Duration patience, Throwable cause) {
    return switch (cause) {
      case InterruptException e -> interrupted(doing);
      case org.apache.kafka.common.errors.TimeoutException e ->
          new BrokerUnreachableException(connection, patience, e);
      case AuthenticationException e ->
          new IOException(
              ("The broker at %s refused the login%s while %s: %s. Check user, password and"
                      + " certificates in the client properties.")
                  .formatted(
                      connection.bootstrapServers(),
                      connection.findPrincipal().map(who -> " of " + who).orElse(""),
                      doing,
                      e.getMessage()),
              e);
      case AuthorizationException e -> AccessDeniedByBrokerException.of(connection, doing, e);
      case KafkaException e ->
          new IOException(
              "The broker at %s failed while %s: %s"
                  .formatted(connection.bootstrapServers(), doing, e.getMessage()),
              e);
      default -> throw new AssertionError("not a failure of Kafka's, while " + doing, cause);
    };
  }

  static InterruptedIOException interrupted(String doing) {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted while " + doing);
  }
}
