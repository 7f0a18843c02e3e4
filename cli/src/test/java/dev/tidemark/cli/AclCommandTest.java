package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code topics acl} prints, for which no broker is needed. */
final class AclCommandTest {
  private static CommandRun acl(String... args) {
    List<String> words = new ArrayList<>(List.of("topics", "acl"));
    words.addAll(List.of(args));
    return CommandRun.of(words.toArray(String[]::new));
  }

  @Test
  void eachRightIsACommandThatCanBePastedWithItsReason() {
    CommandRun run = acl("--role", "watcher", "--principal", "User:CN=web 1,O=Acme");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out().lines())
        .contains(
            "kafka-acls.sh --bootstrap-server HOST:PORT --add --allow-principal"
                + " 'User:CN=web 1,O=Acme' --operation Write --topic tidemark.chunks"
                + " --resource-pattern-type literal  # sends frames")
        .allMatch(line -> line.startsWith("kafka-acls.sh ") && line.contains("  # "))
        .noneMatch(line -> line.contains("--operation Read --topic tidemark.chunks"));
  }

  @Test
  void programsGetThemAsJson() throws IOException {
    CommandRun run =
        acl("--role", "store", "--principal", "User:s", "--topic-prefix", "acme.", "--json");

    JsonNode root = new ObjectMapper().readTree(run.out());
    assertThat(root.path("role").asText()).isEqualTo("store");
    assertThat(root.path("done").asText()).isEqualTo("nothing");
    assertThat(root.path("rights"))
        .anySatisfy(
            right -> {
              assertThat(right.path("resource").asText()).isEqualTo("transactional-id");
              assertThat(right.path("name").asText()).isEqualTo("acme.store-");
              assertThat(right.path("pattern").asText()).isEqualTo("prefixed");
              assertThat(right.path("operation").asText()).isEqualTo("Write");
            });
  }

  @ParameterizedTest
  @CsvSource({
    "admin,User:x,--json,expected one of watcher",
    "watcher,web1,--json,expected TYPE:NAME",
    "watcher,User:*,--json,expected TYPE:NAME of one user",
    "watcher,User:x,--topic-prefix=acme,topic prefix",
    "watcher,User:x,--apply,--bootstrap-server HOST:PORT is needed"
  })
  void whatIsUnsoundIsRefused(String role, String principal, String more, String message) {
    CommandRun run = acl("--role", role, "--principal", principal, more);

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(message);
    assertThat(run.out()).isEmpty();
  }
}
