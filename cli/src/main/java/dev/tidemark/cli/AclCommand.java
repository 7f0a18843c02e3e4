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
import dev.tidemark.log.access.SharedRights;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
          "Take them away, but for those that another role needs whose rights the principal has"
              + " all: these are named.")
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
    Map<Right, Role> kept = Map.of();
    if (apply) {
      give(rights);
    } else if (remove) {
      SharedRights shared = take(known);
      rights = shared.taken();
      kept = shared.kept();
    }
    if (json) {
      surroundings.out().println(Json.write(toJson(known, rights, kept)));
    } else {
      for (Right right : rights) {
        surroundings.print(line(right));
      }
      if (apply || remove) {
        surroundings
            .err()
            .printf(
                "%d rights of %s are %s%n", rights.size(), principal, apply ? "set" : "taken away");
        tellKept(kept);
      }
    }
    return ExitCode.OK.number();
  }

  private void give(List<Right> rights) throws IOException {
    try (LogRights access = open()) {
      access.give(principal, rights);
    }
  }

  private SharedRights take(Role from) throws IOException {
    Set<Right> ofAll = new LinkedHashSet<>();
    for (Role each : Role.values()) {
      ofAll.addAll(RoleRights.of(each, broker.topicPrefix()));
    }
    try (LogRights access = open()) {
      List<Right> has = access.listed(principal, ofAll);
      SharedRights shared = SharedRights.of(from, broker.topicPrefix(), has);
      // First: what one of them needs may have been a part of what goes.
      if (!shared.needed().isEmpty()) {
        access.give(principal, shared.needed());
      }
      access.take(principal, shared.taken());
      return shared;
    }
  }

  private LogRights open() throws IOException {
    LogConnection connection = broker.require(surroundings);
    // Sooner than it would be told by what is asked of it.
    LogAdmin.connect(connection).close();
    return LogRights.open(connection);
  }

  private void tellKept(Map<Right, Role> kept) {
    if (kept.isEmpty()) {
      return;
    }
    surroundings
        .err()
        .printf(
            "%d are kept, since %s has all rights of another role, which needs them too; if it is"
                + " to lose that role as well, run this again with --role of it:%n",
            kept.size(), principal);
    kept.entrySet().stream()
        .map(
            entry ->
                "  %s %s %s: %s"
                    .formatted(
                        entry.getKey().resource().word(),
                        entry.getKey().name(),
                        entry.getKey().operation().word(),
                        entry.getValue().word()))
        .sorted()
        .forEach(surroundings.err()::println);
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

  private ObjectNode toJson(Role known, List<Right> rights, Map<Right, Role> kept) {
    ObjectNode root = Json.object();
    root.put("role", known.word());
    root.put("principal", principal);
    root.put("topicPrefix", broker.topicPrefix());
    root.put("done", apply ? "set" : remove ? "taken away" : "nothing");
    ArrayNode all = root.putArray("rights");
    rights.forEach(right -> fill(all.addObject(), right));
    if (remove) {
      ArrayNode left = root.putArray("kept");
      kept.forEach((right, other) -> fill(left.addObject(), right).put("role", other.word()));
    }
    return root;
  }

  private static ObjectNode fill(ObjectNode into, Right right) {
    return into.put("resource", right.resource().word())
        .put("name", right.name())
        .put("pattern", right.match().word())
        .put("operation", right.operation().word())
        .put("why", right.why());
  }
}
