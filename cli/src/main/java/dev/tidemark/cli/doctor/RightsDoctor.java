package dev.tidemark.cli.doctor;

import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogRights;
import dev.tidemark.log.LogRights.Comparison;
import dev.tidemark.log.access.Right;
import dev.tidemark.log.access.Role;
import dev.tidemark.log.access.RoleRights;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Whether the user of a connection has the rights of a role, and no others. */
public final class RightsDoctor {
  /** Who may do that to a topic may take everything away that is in it. */
  private static final Set<String> OF_AN_ADMINISTRATOR = Set.of("ALTER_CONFIGS", "DELETE");

  private final LogConnection connection;
  private final Role role;
  private final String user;

  public RightsDoctor(LogConnection connection, Role role) {
    this.connection = connection;
    this.role = role;
    this.user = connection.findPrincipal().orElse("this user");
  }

  /** Asks the broker; needs no right. */
  public Check examine() {
    List<Right> rights = RoleRights.of(role, connection.topicPrefix());
    try (LogRights access = LogRights.open(connection)) {
      Comparison found = access.compare(rights);
      List<Finding> findings = new ArrayList<>();
      found.missing().forEach(right -> findings.add(missing(right)));
      if (!found.beyond().isEmpty()) {
        findings.add(beyond(found.beyond()));
      }
      return new Check(
          "rights",
          "%s has the %d rights of the role %s and no others on these topics"
              .formatted(user, rights.size(), role.word()),
          findings);
    } catch (IOException e) {
      return Check.bad(
          "rights",
          new Finding(
              connection.bootstrapServers(),
              e.getMessage() == null ? e.toString() : e.getMessage(),
              "mend what it says, and run this again"));
    }
  }

  private Finding missing(Right right) {
    return new Finding(
        right.resource().word() + " " + right.name(),
        "%s may not %s (%s)".formatted(user, right.operation().word(), right.why()),
        "let an administrator run `tidemark topics acl --role %s --principal %s --topic-prefix %s --apply --bootstrap-server %s`"
            .formatted(
                role.word(),
                connection.findPrincipal().orElse("User:NAME"),
                connection.topicPrefix().isEmpty() ? "''" : connection.topicPrefix(),
                connection.bootstrapServers()));
  }

  private Finding beyond(Map<String, Set<String>> beyond) {
    boolean all =
        beyond.values().stream().allMatch(allowed -> allowed.containsAll(OF_AN_ADMINISTRATOR));
    if (all) {
      return new Finding(
          connection.bootstrapServers(),
          "%s may do everything with the topics".formatted(user),
          "if the broker checks no rights, let it (docs/security.md); give each host a user that is"
              + " no administrator");
    }
    return new Finding(
        user,
        "may do more than the role %s needs: %s"
            .formatted(
                role.word(),
                beyond.entrySet().stream()
                    .map(topic -> topic.getKey() + " " + String.join(", ", topic.getValue()))
                    .sorted()
                    .collect(Collectors.joining("; "))),
        "take it away (kafka-acls.sh --remove), or name all roles that this user has: who steals"
            + " this host can do as much");
  }
}
