package dev.tidemark.cli.manual;

import dev.tidemark.cli.ExitCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** One command's page for {@code man}, in its macros (man(7)). */
public final class ManPage {
  private static final String SECTION = "1";

  private final CommandSpec command;
  private final String version;
  private final StringBuilder page = new StringBuilder();

  private ManPage(CommandSpec command, String version) {
    this.command = command;
    this.version = version;
  }

  /**
   * The pages of a command and of all below it that are not hidden, by the names of their files,
   * such as {@code tidemark-topics-create.1}.
   */
  public static Map<String, String> all(CommandSpec root, String version) {
    Map<String, String> pages = new TreeMap<>();
    pages.put(name(root) + "." + SECTION, of(root, version));
    for (CommandLine below : visible(root)) {
      pages.putAll(all(below.getCommandSpec(), version));
    }
    return pages;
  }

  /** The page of one command. */
  public static String of(CommandSpec command, String version) {
    return new ManPage(command, version).write();
  }

  private static List<CommandLine> visible(CommandSpec command) {
    return command.subcommands().values().stream()
        .filter(below -> !below.getCommandSpec().usageMessage().hidden())
        .distinct()
        .toList();
  }

  private static String name(CommandSpec command) {
    return command.qualifiedName("-");
  }

  private String write() {
    List<String> description = lines(command.usageMessage().description());
    page.append(
        ".TH \"%s\" \"%s\" \"\" \"tidemark %s\" \"Tidemark\"\n"
            .formatted(escape(name(command).toUpperCase(Locale.ROOT)), SECTION, escape(version)));
    section("NAME");
    page.append("%s \\- %s\n".formatted(escape(name(command)), escape(summary(description))));
    section("SYNOPSIS");
    page.append(".nf\n");
    text(synopsis());
    page.append(".fi\n");
    section("DESCRIPTION");
    paragraphs(description);
    paragraphs(lines(command.usageMessage().footer()));
    arguments("ARGUMENTS", command.positionalParameters());
    arguments("OPTIONS", options());
    commands();
    exitCodes();
    seeAlso();
    return page.toString();
  }

  private void section(String title) {
    page.append(".SH ").append(title).append('\n');
  }

  /** The first sentence, or what comes before its colon. */
  private static String summary(List<String> description) {
    String first = description.isEmpty() ? "" : description.getFirst();
    return first.split("[.:] ", 2)[0].replaceFirst("\\.$", "");
  }

  private String synopsis() {
    Help help = new Help(command, Help.defaultColorScheme(Ansi.OFF));
    return help.synopsis(0).strip();
  }

  /** An empty line parts two of them; what is indented is an example, and stays as it is. */
  private void paragraphs(List<String> lines) {
    boolean example = false;
    for (String line : lines) {
      boolean indented = line.startsWith(" ");
      if (indented != example) {
        page.append(indented ? ".PP\n.nf\n" : ".fi\n");
        example = indented;
      }
      if (line.isBlank()) {
        page.append(".PP\n");
      } else {
        text(line);
      }
    }
    if (example) {
      page.append(".fi\n");
    }
  }

  private List<OptionSpec> options() {
    return command.options().stream()
        .filter(option -> !option.hidden())
        .sorted(Comparator.comparing(OptionSpec::longestName))
        .toList();
  }

  private void arguments(String title, List<? extends ArgSpec> arguments) {
    if (arguments.isEmpty()) {
      return;
    }
    section(title);
    for (ArgSpec argument : arguments) {
      page.append(".TP\n.B ").append(escape(label(argument))).append('\n');
      paragraphs(lines(argument.description()));
    }
  }

  private static String label(ArgSpec argument) {
    return switch (argument) {
      case OptionSpec option -> {
        String names = String.join(", ", option.names());
        yield option.arity().max() == 0 ? names : names + "=" + option.paramLabel();
      }
      case PositionalParamSpec parameter -> parameter.paramLabel();
      default -> throw new IllegalArgumentException("argument " + argument);
    };
  }

  private void commands() {
    List<CommandLine> below = visible(command);
    if (below.isEmpty()) {
      return;
    }
    section("COMMANDS");
    for (CommandLine each : below) {
      page.append(".TP\n.BR ")
          .append(escape(name(each.getCommandSpec())))
          .append(" (" + SECTION + ")\n");
      text(summary(lines(each.getCommandSpec().usageMessage().description())));
    }
  }

  private void exitCodes() {
    section("EXIT STATUS");
    for (ExitCode code : ExitCode.values()) {
      page.append(".TP\n.B ").append(code.number()).append('\n');
      text(code.meaning());
    }
  }

  private void seeAlso() {
    List<String> pages = new ArrayList<>();
    if (command.parent() == null) {
      return;
    }
    for (CommandSpec above = command.parent(); above != null; above = above.parent()) {
      pages.add(".BR %s (%s)".formatted(escape(name(above)), SECTION));
    }
    section("SEE ALSO");
    page.append(String.join(" ,\n", pages)).append('\n');
  }

  /** As picocli prints them: %n ends a line, and %% is the sign itself. */
  private static List<String> lines(String[] texts) {
    return Arrays.stream(texts)
        .flatMap(text -> Arrays.stream(text.replace("%n", "\n").replace("%%", "%").split("\n", -1)))
        .toList();
  }

  private void text(String text) {
    text.lines().forEach(line -> page.append(escape(line)).append('\n'));
  }

  /** So that no text is a request: those begin with a dot or an apostrophe. */
  private static String escape(String text) {
    String escaped = text.replace("\\", "\\e").replace("-", "\\-");
    return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
  }
}
