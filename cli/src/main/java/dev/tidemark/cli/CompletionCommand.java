package dev.tidemark.cli;

import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tidemark completion}. */
@Command(
    name = "completion",
    sortOptions = false,
    description = {
      "Print a script that lets a shell complete commands and options.",
      "",
      "  source <(tidemark completion bash)                                # for this shell",
      "  tidemark completion bash > /etc/bash_completion.d/tidemark        # for all",
      "  source <(tidemark completion zsh)                                 # in .zshrc"
    })
final class CompletionCommand implements Callable<Integer> {
  /** One script serves both: it asks which of them runs it. */
  private enum Shell {
    BASH,
    ZSH;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Surroundings surroundings;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "SHELL", description = "One of ${COMPLETION-CANDIDATES}.")
  private Shell shell = Shell.BASH;

  CompletionCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() {
    surroundings.out().printf("# Completion of %s for %s.%n", spec.root().name(), shell);
    surroundings.out().print(AutoComplete.bash(spec.root().name(), spec.root().commandLine()));
    return ExitCode.OK.number();
  }
}
