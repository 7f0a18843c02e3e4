package dev.tidemark.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.cli.doctor.Check;
import dev.tidemark.cli.doctor.Doctor;
import dev.tidemark.cli.doctor.Finding;
import dev.tidemark.cli.doctor.RightsDoctor;
import dev.tidemark.cli.reading.Json;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.access.Role;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tidemark doctor}. */
@Command(
    name = "doctor",
    sortOptions = false,
    description =
        "Look at broker, topics, repository, chunk-stores, watchers and standbys, and at how old"
            + " what only the log holds has become. Each finding says what to do. Changes nothing;"
            + " may run at any time. Exits with 1 if there are findings. With --role, only whether"
            + " the user of --client-properties has the rights of that role, and no others.")
final class DoctorCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private ReadOptions options = new ReadOptions();

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      description =
          "Look at the rights of watcher, store, standby, member or operator on the broker.")
  private @Nullable String role;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  DoctorCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException, CommandException {
    List<Check> checks;
    boolean log = true;
    if (role == null) {
      ReadOptions.Subject subject = options.findSubject(surroundings);
      log = subject.log().isPresent();
      checks = new Doctor(subject.repositoryUrl(), subject.log(), surroundings.clock()).examine();
    } else {
      Role known = Role.require(role);
      LogConnection connection = options.requireLog(surroundings);
      checks = List.of(new RightsDoctor(connection.as(known), known).examine());
    }
    if (json) {
      surroundings.out().println(Json.write(toJson(checks, log)));
    } else {
      print(checks, log, surroundings.out());
    }
    boolean fine = checks.stream().allMatch(check -> check.findings().isEmpty());
    return (fine ? ExitCode.OK : ExitCode.FAILURE).number();
  }

  private static ObjectNode toJson(List<Check> checks, boolean log) {
    ObjectNode root = Json.object();
    root.put("logExamined", log);
    ArrayNode all = root.putArray("checks");
    for (Check check : checks) {
      ObjectNode one = all.addObject();
      one.put("check", check.name());
      one.put("seen", check.seen());
      ArrayNode findings = one.putArray("findings");
      for (Finding finding : check.findings()) {
        findings
            .addObject()
            .put("subject", finding.subject())
            .put("what", finding.what())
            .put("remedy", finding.remedy());
      }
    }
    return root;
  }

  private static void print(List<Check> checks, boolean log, PrintStream out) {
    int count = 0;
    for (Check check : checks) {
      if (check.findings().isEmpty()) {
        out.printf("ok       %-12s %s%n", check.name(), check.seen());
      }
      for (Finding finding : check.findings()) {
        count++;
        out.printf(
            "FINDING  %-12s %s: %s%n         %-12s To do: %s.%n",
            check.name(), finding.subject(), finding.what(), "", finding.remedy());
      }
    }
    if (!log) {
      out.println(
          "no broker: nothing is known of topics, watchers and chunk-stores; name one with"
              + " --bootstrap-server, or run this while `tidemark up` runs");
    }
    out.println(count == 0 ? "no findings" : count == 1 ? "1 finding" : count + " findings");
  }
}
