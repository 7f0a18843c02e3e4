package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever help shows is in the manual, and can be completed. */
final class ManualTest {
  private static final Pattern COMMAND = Pattern.compile("(?m)^  ([a-z]+)  ");
  private static final Pattern OPTION =
      Pattern.compile("(?m)^ {2,6}(?:-[a-zA-Z], )?(--[a-z][a-z-]+)");

  @TempDir private Path dir;

  /** A command as its words, and what {@code --help} prints. */
  private record Helped(List<String> words, String help) {
    List<String> options() {
      return OPTION.matcher(help).results().map(found -> found.group(1)).distinct().toList();
    }
  }

  /** All commands, found by way of help alone. */
  private static List<Helped> commands(List<String> words) {
    CommandRun help =
        CommandRun.of(Stream.concat(words.stream(), Stream.of("--help")).toArray(String[]::new));
    assertThat(help.exitCode()).as("%s: %s", words, help.err()).isZero();
    List<Helped> commands = new ArrayList<>();
    commands.add(new Helped(words, help.out()));
    int list = help.out().indexOf("\nCommands:\n");
    if (list >= 0) {
      Matcher command = COMMAND.matcher(help.out().substring(list));
      while (command.find()) {
        List<String> below = new ArrayList<>(words);
        below.add(command.group(1));
        commands.addAll(commands(below));
      }
    }
    return commands;
  }

  @Test
  void everyCommandHasAPageWithItsOptions() throws IOException {
    CommandRun run = CommandRun.of("man", "--to", dir.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    List<Helped> commands = commands(List.of());
    assertThat(commands).hasSizeGreaterThan(25);

    for (Helped command : commands) {
      String name =
          String.join("-", Stream.concat(Stream.of("tidemark"), command.words().stream()).toList());
      Path page = dir.resolve(name + ".1");
      assertThat(page).exists();
      String text = Files.readString(page, StandardCharsets.UTF_8).replace("\\-", "-");
      assertThat(text)
          .contains(".SH NAME\n" + name + " - ", ".SH DESCRIPTION\n", ".SH EXIT STATUS\n")
          .contains(command.options());
      String[] args =
          Stream.concat(Stream.of("man"), command.words().stream()).toArray(String[]::new);
      assertThat(CommandRun.of(args).out())
          .as("%s", command.words())
          .isEqualTo(Files.readString(page));
    }
    try (Stream<Path> pages = Files.list(dir)) {
      assertThat(pages).hasSameSizeAs(commands);
    }
  }

  @Test
  void thePagesAreWithoutFaultForGroff() throws Exception {
    assumeTrue(isThere("groff"), "groff is not installed");
    CommandRun.of("man", "--to", dir.toString());

    try (Stream<Path> pages = Files.list(dir)) {
      for (Path page : (Iterable<Path>) pages::iterator) {
        String complaints =
            shell(
                "groff -man -Kutf8 -Tutf8 -w mac -w char -w escape -w syntax -w missing -z \"$1\"",
                page.toString());
        assertThat(complaints).as("%s", page).isEmpty();
      }
    }
  }

  @Test
  void everyCommandAndItsOptionsAreCompleted() throws Exception {
    Path script = dir.resolve("completion");
    Files.writeString(script, CommandRun.of("completion", "bash").out());
    String complete =
        "source \"$1\"; shift; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1));"
            + " COMP_LINE=\"$*\"; COMP_POINT=${#COMP_LINE}; _complete_tidemark;"
            + " printf '%s\\n' \"${COMPREPLY[@]}\"";

    for (Helped command : commands(List.of())) {
      List<String> typed = new ArrayList<>(List.of(script.toString(), "tidemark"));
      typed.addAll(command.words());
      List<String> part = new ArrayList<>(typed);
      if (!command.words().isEmpty()) {
        String last = part.removeLast();
        part.add(last.substring(0, last.length() - 1));
        assertThat(shell(complete, part.toArray(String[]::new)).lines())
            .contains(command.words().getLast());
      }
      typed.add("-");
      assertThat(shell(complete, typed.toArray(String[]::new)).lines())
          .as("options of %s", command.words())
          .containsAll(command.options());
    }
    assertThat(CommandRun.of("completion", "zsh").out()).contains("bashcompinit");
  }

  /** As its users meet it: keys typed into one that runs on a terminal of its own. */
  @Test
  void zshCompletesCommandsAndOptions() throws Exception {
    assumeTrue(isThere("zsh"), "zsh is not installed");
    Path script = dir.resolve("completion");
    Files.writeString(script, CommandRun.of("completion", "zsh").out());
    Path typing = dir.resolve("typing");
    Files.writeString(
        typing,
        """
        zmodload zsh/zpty
        zpty -b shell "PS1='%% ' TERM=dumb zsh -f -i"
        zpty -w shell "source $1; echo loaded-\\$?"
        zpty -r shell seen '*loaded-0*'
        zpty -w -n shell $'tidemark rest\\t'
        zpty -r -m shell seen '*restore *'
        zpty -w -n shell $'web --del\\t'
        zpty -r -m shell seen '*--delete *'
        echo completed
        zpty -d shell
        """);

    assertThat(shell("timeout 120 zsh -f \"$1\" \"$2\"", typing.toString(), script.toString()))
        .isEqualToIgnoringNewLines("completed");
  }

  @Test
  void whatThereIsNoPageOfIsRefused() {
    CommandRun unknown = CommandRun.of("man", "topics", "delete");
    CommandRun both = CommandRun.of("man", "ls", "--to", dir.toString());
    CommandRun shell = CommandRun.of("completion", "fish");

    assertThat(unknown.exitCode()).isEqualTo(ExitCode.USAGE.number());
    assertThat(unknown.err()).contains("There is no command topics delete.");
    assertThat(both.exitCode()).isEqualTo(ExitCode.USAGE.number());
    assertThat(both.err()).contains("COMMAND and --to are both given");
    assertThat(shell.exitCode()).isEqualTo(ExitCode.USAGE.number());
    assertThat(shell.err()).contains("fish");
    assertThat(dir).isEmptyDirectory();
  }

  private static boolean isThere(String program) throws Exception {
    return shell("command -v \"$1\" || echo none", program).startsWith("/");
  }

  private static String shell(String script, String... args) throws Exception {
    List<String> command = new ArrayList<>(List.of("bash", "-c", script, "bash"));
    command.addAll(List.of(args));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output;
  }
}
