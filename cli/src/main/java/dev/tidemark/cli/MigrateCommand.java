package dev.tidemark.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.cli.argument.RawArguments;
import dev.tidemark.cli.migrate.LsyncdConfig;
import dev.tidemark.cli.migrate.LsyncdPlan;
import dev.tidemark.cli.migrate.LsyncdPlan.Places;
import dev.tidemark.cli.migrate.LsyncdPlan.Service;
import dev.tidemark.cli.migrate.LsyncdPlan.Setting;
import dev.tidemark.cli.migrate.LsyncdPlan.Tree;
import dev.tidemark.cli.reading.Json;
import java.io.IOException;
import java.io.PrintStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tidemark migrate}. */
@Command(
    name = "migrate",
    description = "Say what takes the place of the configuration of another program.")
final class MigrateCommand implements Runnable {
  private final Surroundings surroundings;

  @Spec private CommandSpec spec = CommandSpec.create();

  MigrateCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Expected `migrate lsyncd FILE`.");
  }

  /** {@code tidemark migrate lsyncd}. */
  @Command(
      name = "lsyncd",
      sortOptions = false,
      description = {
        "Read a configuration of lsyncd, and print what does the same: the topics, the chunk-store,"
            + " a watcher for each source and a standby for each target, as files for its units"
            + " of systemd; then what becomes of each setting, those first that have no"
            + " counterpart. Nothing is started or changed.",
        "The file, a program in Lua, is run with neither files nor processes in its reach. See"
            + " docs/migrate-lsyncd.md for how to run both beside each other and switch over."
      })
  int lsyncd(
      @Parameters(paramLabel = "FILE", description = "Such as /etc/lsyncd/lsyncd.conf.lua.")
          String file,
      @Option(
              names = "--bootstrap-server",
              paramLabel = "HOST:PORT",
              defaultValue = "kafka:9092",
              description = "The broker to write into what is printed. Default: ${DEFAULT-VALUE}")
          String bootstrapServer,
      @Option(
              names = "--repository",
              paramLabel = "URL",
              defaultValue = "s3://bucket/tidemark",
              description =
                  "The repository to write into what is printed. Default: ${DEFAULT-VALUE}")
          String repository,
      @Option(names = "--json", description = "Print one JSON object.") boolean json)
      throws IOException {
    LsyncdConfig config = LsyncdConfig.read(RawArguments.path(file));
    LsyncdPlan plan = LsyncdPlan.of(config, new Places(bootstrapServer, repository));
    if (json) {
      surroundings.out().println(Json.write(json(plan)));
    } else {
      print(plan, surroundings.out());
    }
    return ExitCode.OK.number();
  }

  private static void print(LsyncdPlan plan, PrintStream out) {
    out.printf("# Once, from any host:%n%s%n%n", plan.topics());
    print(plan.store(), out);
    for (Tree tree : plan.trees()) {
      print(tree.watch(), out);
      tree.mirrors().forEach(mirror -> print(mirror, out));
    }
    out.printf(
        "# A target that lsyncd has filled is not empty: start each mirror once with --take-over.%n"
            + "# What differs in it is kept aside in the data folder.%n");
    print("without a counterpart, or to be looked at", plan, true, out);
    print("what becomes of the other settings", plan, false, out);
  }

  private static void print(Service service, PrintStream out) {
    out.printf(
        "# On %s, /etc/tidemark/%s.conf; then systemctl enable --now %s%n%s%n%n",
        service.host(),
        service.name(),
        service.unit(),
        String.join(System.lineSeparator(), service.lines()));
  }

  private static void print(String title, LsyncdPlan plan, boolean isLoss, PrintStream out) {
    if (plan.settings().stream().noneMatch(setting -> setting.isLoss() == isLoss)) {
      return;
    }
    out.printf("%n# %s:%n", title);
    for (Setting setting : plan.settings()) {
      if (setting.isLoss() == isLoss) {
        out.printf(
            "#   %s%s = %s: %s%n",
            setting.where().isEmpty() ? "" : setting.where() + ": ",
            setting.name(),
            setting.value(),
            setting.becomes());
      }
    }
  }

  private static ObjectNode json(LsyncdPlan plan) {
    ObjectNode json = Json.object().put("topics", plan.topics());
    json.set("store", json(plan.store()));
    ArrayNode trees = json.putArray("trees");
    for (Tree tree : plan.trees()) {
      ObjectNode one = trees.addObject().put("tree", tree.name()).put("source", tree.source());
      one.set("watch", json(tree.watch()));
      ArrayNode mirrors = one.putArray("mirrors");
      tree.mirrors().forEach(mirror -> mirrors.add(json(mirror)));
    }
    ArrayNode settings = json.putArray("settings");
    for (Setting setting : plan.settings()) {
      settings
          .addObject()
          .put("tree", setting.where())
          .put("name", setting.name())
          .put("value", setting.value())
          .put("becomes", setting.becomes())
          .put("isLoss", setting.isLoss());
    }
    return json;
  }

  private static ObjectNode json(Service service) {
    ObjectNode json =
        Json.object()
            .put("host", service.host())
            .put("unit", service.unit())
            .put("name", service.name())
            .put("arguments", service.arguments());
    ArrayNode lines = json.putArray("lines");
    service.lines().forEach(lines::add);
    return json;
  }
}
