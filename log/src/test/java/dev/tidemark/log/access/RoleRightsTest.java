package dev.tidemark.log.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.log.LogConnection;
import dev.tidemark.log.access.Right.Match;
import dev.tidemark.log.access.Right.Operation;
import dev.tidemark.log.access.Right.Resource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The lists of rights, as such; what they allow is shown on a broker. */
final class RoleRightsTest {
  @ParameterizedTest
  @EnumSource(Role.class)
  void eachRightIsNamedOnceWithItsReasonAndNoneThatAnotherGives(Role role) {
    List<Right> rights = RoleRights.of(role, "acme.");

    Set<String> seen = new HashSet<>();
    for (Right right : rights) {
      assertThat(seen.add(right.resource() + right.name() + right.operation())).isTrue();
      assertThat(right.why()).isNotBlank();
      boolean given =
          rights.stream()
              .anyMatch(
                  other ->
                      !other.equals(right)
                          && other.resource() == right.resource()
                          && other.name().equals(right.name())
                          && other.operation().includes(right.operation()));
      assertThat(given).as("%s is given already", right).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(Role.class)
  void topicsAndGroupsAreNamedOneByOne(Role role) {
    for (Right right : RoleRights.of(role, "acme.")) {
      boolean isPrefix = right.resource() == Resource.TRANSACTIONAL_ID;
      assertThat(right.match()).isEqualTo(isPrefix ? Match.PREFIXED : Match.LITERAL);
      assertThat(right.name()).startsWith("acme.");
    }
  }

  @Test
  void aMemberHasTheRightsOfAWatcherAndAStandby() {
    Set<String> both = new HashSet<>(uses(Role.WATCHER));
    both.addAll(uses(Role.STANDBY));

    assertThat(uses(Role.MEMBER)).isEqualTo(both);
  }

  @Test
  void ofAMemberFromWhomTheWatcherIsTakenTheStandbyIsLeft() {
    List<Right> has = RoleRights.of(Role.MEMBER, "t.");

    SharedRights shared = SharedRights.of(Role.WATCHER, "t.", has);

    assertThat(shared.needed())
        .containsExactlyInAnyOrderElementsOf(RoleRights.of(Role.STANDBY, "t."));
    assertThat(shared.taken())
        .extracting(right -> right.operation() + " " + right.name())
        .contains("WRITE t.chunks", "WRITE t.changes", "READ t.heads")
        .doesNotContain("READ t.repository");
    assertThat(shared.kept().values()).containsOnly(Role.STANDBY);
  }

  @Test
  void aMemberIsTakenAwayAsAWhole() {
    List<Right> has = RoleRights.of(Role.MEMBER, "t.");

    SharedRights shared = SharedRights.of(Role.MEMBER, "t.", has);

    assertThat(shared.taken()).isEqualTo(has);
    assertThat(shared.kept()).isEmpty();
  }

  private static Set<String> uses(Role role) {
    Set<String> uses = new HashSet<>();
    for (Right right : RoleRights.of(role, "t.")) {
      if (right.operation() != Operation.DESCRIBE) {
        uses.add(right.operation() + " " + right.name());
      }
    }
    return uses;
  }

  @ParameterizedTest
  @ValueSource(strings = {"acme", "acme.*", "a b.", "store-x.", "acme.store-x.", "a.store-b.c."})
  void aPrefixUnderWhichRightsCouldBeAnothersIsRefused(String prefix) {
    assertThatThrownBy(() -> RoleRights.of(Role.WATCHER, prefix))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("topic prefix \"" + prefix + "\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "tidemark.", "acme.eu.", "my-store-eu.", "store."})
  void otherPrefixesAreTaken(String prefix) {
    assertThat(RoleRights.of(Role.STORE, prefix)).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "required username=\"web1\" password=\"a\";|User:web1",
        "required password='username=x' username='web 1';|User:web 1",
        "required username=web1 password=x;|User:web1",
        "required username=\"${env:WHO}\" password=\"a\";|",
        "required clientId=\"web1\";|"
      })
  void theUserIsKnownFromItsLoginWhereThatTells(String login, String principal) {
    LogConnection connection =
        new LogConnection("h:1", "t.", Map.of("sasl.jaas.config", "x.Module " + login));

    assertThat(connection.findPrincipal().orElse(null)).isEqualTo(principal);
  }
}
