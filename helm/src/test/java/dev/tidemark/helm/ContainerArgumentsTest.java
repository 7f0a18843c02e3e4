package dev.tidemark.helm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemark.cli.ParsedArguments;
import dev.tidemark.helm.Charts.Case;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine.ParameterException;

/** What pods tell the program is what it understands. */
final class ContainerArgumentsTest {
  private static final String DRILL = "drill";

  @TempDir private Path dir;

  @BeforeEach
  void needHelm() {
    HelmProgram.assumeThere();
  }

  @ParameterizedTest
  @EnumSource
  void theProgramUnderstandsThem(Case rendered) throws Exception {
    Set<String> commands = new TreeSet<>();

    for (List<String> args : argumentsOfTheProgram(rendered)) {
      commands.add(args.getFirst());
      if (!args.getFirst().equals(DRILL)) {
        ParsedArguments.require(args);
      }
    }

    if (rendered.isSidecar()) {
      assertThat(commands).containsExactly("watch");
    } else {
      assertThat(commands).contains("store");
    }
    if (rendered == Case.PRODUCTION) {
      assertThat(commands).containsExactly(DRILL, "mirror", "store", "topics");
    }
  }

  @Test
  void theProgramUnderstandsWhatADrillIsTold() throws Exception {
    assumeTrue(ParsedArguments.isCommand(DRILL), "there is no command drill yet");

    for (List<String> args : argumentsOfTheProgram(Case.PRODUCTION)) {
      if (args.getFirst().equals(DRILL)) {
        ParsedArguments.require(args);
      }
    }
  }

  /** Of several chunk-stores the first one reads the repository over, and the shell tells it so. */
  @Test
  void oneOfTheChunkStoresScrubs() throws Exception {
    JsonNode store =
        Charts.find(Case.PRODUCTION.render(dir), "StatefulSet", "-store")
            .at("/spec/template/spec/containers/0");

    List<String> first = toldByTheShell(store, "shop-tidemark-store-0");
    List<String> second = toldByTheShell(store, "shop-tidemark-store-1");

    ParsedArguments.require(first);
    ParsedArguments.require(second);
    assertThat(first).startsWith("store").endsWith("--scrub-days=30");
    assertThat(first.subList(0, first.size() - 1)).isEqualTo(second);
  }

  /** The container's own command, with a program that prints a line for each word it is given. */
  private static List<String> toldByTheShell(JsonNode container, String pod) throws Exception {
    List<String> command = new ArrayList<>();
    container.path("command").forEach(word -> command.add(word.asText()));
    container.path("args").forEach(word -> command.add(word.asText()));
    command.replaceAll(word -> word.replace("/opt/tidemark/bin/tidemark", "printf '%s\\n'"));
    command.replaceAll(word -> word.replace("exec printf", "printf"));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("POD_NAME", pod);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said.lines().toList();
  }

  /** That the check above can fail. */
  @Test
  void anOptionThatIsNotThereIsFound() {
    assertThatThrownBy(() -> ParsedArguments.require(List.of("store", "--repositry=/r")))
        .isInstanceOf(ParameterException.class);
    assertThatThrownBy(() -> ParsedArguments.require(List.of("store")))
        .isInstanceOf(ParameterException.class);
    assertThatThrownBy(() -> ParsedArguments.require(List.of("stor", "--repository=/r")))
        .isInstanceOf(ParameterException.class);
  }

  private List<List<String>> argumentsOfTheProgram(Case rendered) throws Exception {
    List<List<String>> all = new ArrayList<>();
    for (PodOf pod : PodOf.all(rendered.render(dir))) {
      for (JsonNode container : pod.containers()) {
        if (isOfTheProgram(container)) {
          List<String> args = new ArrayList<>();
          container.path("args").forEach(arg -> args.add(arg.asText()));
          // A script of the shell, and its name; what follows goes to the program.
          all.add(container.has("command") ? args.subList(2, args.size()) : args);
        }
      }
    }
    assertThat(all).isNotEmpty();
    return all;
  }

  private static boolean isOfTheProgram(JsonNode container) {
    return container.path("image").asText().contains("tidemark")
        && !container.path("command").toString().contains("smoke-test");
  }
}
