package dev.tidemark.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.cli.reading.Json;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogRights;
import dev.tidemark.log.access.Right;
import dev.tidemark.log.access.Role;
import dev.tidemark.log.access.RoleRights;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tidemark topics acl}. */
@Command(
    name = "acl",
    sortOptions = false,
    description =
        "Print the least rights that a role needs on the broker, as commands of kafka-acls.sh, each"
            + " with its reason; --apply sets them. A right goes for a topic as a whole: trees"
            + " whose hosts must not touch each other want a --topic-prefix each. Printing needs"
            + " no broker.")
final class AclCommand implements Callable<Integer> {
  private static final Pattern PRINCIPAL = Pattern.compile("[A-Za-z]+:(?!\\*$)\\S(.*\\S)?");
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  private final Surroundings surroundings;

  @Option(
      names = "--role",
      required = true,
      paramLabel = "ROLE",
      description =
          "watcher, store, standby, member (a watcher and a standby) or operator (status, restore,"
              + " tag, restore --on, retain).")
  private String role = "";

  @Option(
      names = "--principal",
      required = true,
      paramLabel = "TYPE:NAME",
      description = "Who gets them, as the broker names it: User:web1, User:CN=web1,O=Example.")
  private String principal = "";

  @Option(names = "--apply", description = "Set them on the broker; takes an administrator.")
  private boolean apply;

  @Option(
      names = "--remove",
      description =
          "Take them away; those of another role of the same principal that are the same go too.")
  private boolean remove;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Mixin private BrokerOptions broker = new BrokerOptions();

  AclCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException {
    Role known = Role.require(role);
    if (!PRINCIPAL.matcher(principal).matches()) {
      throw new ArgumentException(
          "--principal \"%s\": expected TYPE:NAME of one user, such as User:web1"
              .formatted(principal));
    }
    if (apply && remove) {
      throw new ArgumentException("--apply and --remove exclude each other");
    }
    List<Right> rights = RoleRights.of(known, broker.topicPrefix());
    if (apply || remove) {
      change(rights);
    }
    if (json) {
      surroundings.out().println(Json.write(toJson(known, rights)));
    } else {
      for (Right right : rights) {
        surroundings.print(line(right));
      }
      if (apply || remove) {
        surroundings
            .err()
            .printf(
                "%d rights of %s are %s%n", rights.size(), principal, apply ? "set" : "taken away");
      }
    }
    return ExitCode.OK.number();
  }

  private void change(List<Right> rights) throws IOException {
    LogConnection connection = broker.require(surroundings);
    // Sooner than it would be told by what is asked of it.
    LogAdmin.connect(connection).close();
    try (LogRights access = LogRights.open(connection)) {
      if (apply) {
        access.give(principal, rights);
      } else {
        access.take(principal, rights);
      }
    }
  }

  private String line(Right right) {
    return ("kafka-acls.sh --bootstrap-server %s %s --allow-principal %s --operation %s --%s %s"
            + " --resource-pattern-type %s  # %s")
        .formatted(
            broker.isGiven() ? quote(broker.address()) : "HOST:PORT",
            remove ? "--remove --force" : "--add",
            quote(principal),
            right.operation().word(),
            right.resource().word(),
            right.name(),
            right.match().word(),
            right.why());
  }

  private static String quote(String word) {
    return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  private ObjectNode toJson(Role known, List<Right> rights) {
    ObjectNode root = Json.object();
    root.put("role", known.word());
    root.put("principal", principal);
    root.put("topicPrefix", broker.topicPrefix());
    root.put("done", apply ? "set" : remove ? "taken away" : "nothing");
    ArrayNode all = root.putArray("rights");
    for (Right right : rights) {
      all.addObject()
          .put("resource", right.resource().word())
          .put("name", right.name())
          .put("pattern", right.match().word())
          .put("operation", right.operation().word())
          .put("why", right.why());
    }
    return root;
  }
}
