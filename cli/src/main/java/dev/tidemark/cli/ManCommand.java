package dev.tidemark.cli;

import dev.tidemark.cli.argument.RawArguments;
import dev.tidemark.cli.manual.ManPage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tidemark man}. */
@Command(
    name = "man",
    sortOptions = false,
    description = {
      "Print a page of the manual for man, or write all of them into a directory. They say what"
          + " --help says.",
      "",
      "  tidemark man restore | man -l -",
      "  tidemark man --to /usr/local/share/man/man1"
    })
final class ManCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "0..*",
      paramLabel = "COMMAND",
      description = "The command, such as restore or topics create. Default: tidemark itself.")
  private List<String> command = List.of();

  @Option(
      names = "--to",
      paramLabel = "DIR",
      description = "Write the pages of all commands there, over those that it has.")
  private @Nullable String target;

  ManCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException {
    if (target == null) {
      surroundings.out().print(ManPage.of(find(), Version.read()));
      return ExitCode.OK.number();
    }
    if (!command.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "COMMAND and --to are both given: the latter writes all pages.");
    }
    Path folder = Files.createDirectories(RawArguments.path(target));
    Map<String, String> pages = ManPage.all(spec.root(), Version.read());
    for (Map.Entry<String, String> page : pages.entrySet()) {
      Files.writeString(folder.resolve(page.getKey()), page.getValue(), StandardCharsets.UTF_8);
    }
    surroundings.out().printf("%d pages written to %s%n", pages.size(), folder);
    return ExitCode.OK.number();
  }

  private CommandSpec find() {
    CommandLine found = spec.root().commandLine();
    for (String name : command) {
      CommandLine below = found.getSubcommands().get(name);
      if (below == null) {
        throw new ParameterException(
            spec.commandLine(),
            "There is no command %s. `tidemark --help` lists them."
                .formatted(String.join(" ", command)));
      }
      found = below;
    }
    return found.getCommandSpec();
  }
}
