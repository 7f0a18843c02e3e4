package dev.tidemark.log;

import dev.tidemark.log.access.Role;
import java.io.IOException;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;

/** The broker knows the user and does not allow something; it stays so until a right is given. */
public final class AccessDeniedByBrokerException extends IOException {
  private static final long serialVersionUID = 1L;

  private AccessDeniedByBrokerException(String message, AuthorizationException cause) {
    super(message, cause);
  }

  /**
   * What a failure is, if somewhere in its causes the broker has refused a right.
   *
   * @param doing what was refused, such as {@code writing to topic t.changes}
   */
  public static Optional<AccessDeniedByBrokerException> find(
      LogConnection connection, String doing, Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof AccessDeniedByBrokerException explained) {
        return Optional.of(explained);
      }
      if (cause instanceof AuthorizationException refused) {
        return Optional.of(of(connection, doing, refused));
      }
    }
    return Optional.empty();
  }

  static AccessDeniedByBrokerException of(
      LogConnection connection, String doing, AuthorizationException refused) {
    Optional<String> principal = connection.findPrincipal();
    return new AccessDeniedByBrokerException(
        ("The broker at %s does not allow %s what this needs: %s%s (%s). Let an administrator run"
                + " `%s`; `%s`, with the client properties of this user, names each right that is"
                + " missing.")
            .formatted(
                connection.bootstrapServers(),
                principal.orElse("this user"),
                doing,
                resource(doing, refused),
                refused.getMessage(),
                remedy(connection, principal),
                look(connection)),
        refused);
  }

  private static String resource(String doing, AuthorizationException refused) {
    String names =
        switch (refused) {
          case TopicAuthorizationException topics when !topics.unauthorizedTopics().isEmpty() ->
              "topic " + String.join(", ", new TreeSet<>(topics.unauthorizedTopics()));
          case GroupAuthorizationException group when group.groupId() != null ->
              "group " + group.groupId();
          default -> "";
        };
    return names.isEmpty() || doing.contains(names) ? "" : ", on " + names;
  }

  private static String remedy(LogConnection connection, Optional<String> principal) {
    return "tidemark topics acl --role %s --principal %s%s --apply%s"
        .formatted(
            role(connection),
            principal.orElse("User:NAME"),
            prefix(connection),
            address(connection));
  }

  private static String look(LogConnection connection) {
    return "tidemark doctor --role %s%s%s"
        .formatted(role(connection), prefix(connection), address(connection));
  }

  private static String role(LogConnection connection) {
    Role role = connection.role();
    return role == null ? "ROLE" : role.word();
  }

  private static String prefix(LogConnection connection) {
    String prefix = connection.topicPrefix();
    return " --topic-prefix " + (prefix.isEmpty() ? "''" : prefix);
  }

  private static String address(LogConnection connection) {
    return " --bootstrap-server " + connection.bootstrapServers();
  }
}
