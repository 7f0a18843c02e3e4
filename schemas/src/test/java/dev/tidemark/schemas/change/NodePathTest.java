package dev.tidemark.schemas.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.RandomValues;
import dev.tidemark.schemas.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class NodePathTest {
  private final RandomGenerator random = Seeds.random("NodePathTest");
  private final RandomValues values = new RandomValues(random);

  @Test
  void theOrderIsThatOfAWalk() {
    List<NodePath> walk =
        List.of("", "a", "a/b", "a/b/c", "a/\u007f", "a\u0001", "a!", "ab", "b", "é").stream()
            .map(NodePath::ofText)
            .toList();

    assertThat(walk).isSorted();
  }

  @Test
  void theOrderIsTotalAndThatOfNamesComparedOneByOne() {
    for (int i = 0; i < 5000; i++) {
      NodePath a = near(values.path());
      NodePath b = near(a);
      NodePath c = near(b);
      assertThat(Integer.signum(a.compareTo(b))).isEqualTo(-Integer.signum(b.compareTo(a)));
      assertThat(a.compareTo(b) == 0).isEqualTo(a.equals(b));
      if (a.compareTo(b) <= 0 && b.compareTo(c) <= 0) {
        assertThat(a.compareTo(c)).isLessThanOrEqualTo(0);
      }
      assertThat(Integer.signum(a.compareTo(b)))
          .isEqualTo(Integer.signum(compareNames(a.names(), b.names())));
    }
  }

  private static int compareNames(List<Bytes> a, List<Bytes> b) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      int order = a.get(i).compareTo(b.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(a.size(), b.size());
  }

  @Test
  void everythingBelowADirectoryStandsRightBehindIt() {
    for (int i = 0; i < 5000; i++) {
      NodePath directory = values.path();
      NodePath below = directory.child(new byte[] {(byte) (1 + random.nextInt(45))});
      NodePath other = near(directory);
      assertThat(directory).isLessThan(below);
      if (directory.compareTo(other) < 0 && other.compareTo(below) < 0) {
        assertThat(directory.contains(other)).isTrue();
      }
    }
  }

  @Test
  void aRebasedPathKeepsWhatIsBelowAndGoesBack() {
    for (int i = 0; i < 5000; i++) {
      NodePath from = values.path();
      NodePath to = values.path();
      NodePath path = from;
      for (Bytes name : values.path().names()) {
        path = path.child(name);
      }

      NodePath moved = path.rebase(from, to);

      assertThat(to.contains(moved)).isTrue();
      assertThat(moved.rebase(to, from)).isEqualTo(path);
      assertThat(moved.names().subList(to.names().size(), moved.names().size()))
          .isEqualTo(path.names().subList(from.names().size(), path.names().size()));
    }
    assertThatThrownBy(() -> path("ab").rebase(path("a"), path("c")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aDirectoryContainsItselfAndWhatIsBelowButNoNameThatBeginsLikeIt() {
    assertThat(path("a").contains(path("a"))).isTrue();
    assertThat(path("a").contains(path("a/b"))).isTrue();
    assertThat(path("a").contains(path("ab"))).isFalse();
    assertThat(path("a/b").contains(path("a"))).isFalse();
    assertThat(NodePath.ROOT.contains(path("a"))).isTrue();
    assertThat(path("a").contains(NodePath.ROOT)).isFalse();
  }

  @Test
  void aPathIsMadeOfItsParentAndItsName() {
    for (int i = 0; i < 2000; i++) {
      NodePath path = values.path();
      if (path.isRoot()) {
        assertThat(path.names()).isEmpty();
        continue;
      }
      assertThat(path.parent().child(path.name())).isEqualTo(path);
      assertThat(path.lastName()).isEqualTo(path.names().getLast());
      assertThat(path.nameBelow(NodePath.ROOT)).isEqualTo(path.names().getFirst());
      assertThat(path.nameBelow(path.parent())).isEqualTo(path.lastName());
      assertThat(NodePath.of(path.bytes())).isEqualTo(path).hasSameHashCodeAs(path);
    }
    assertThatThrownBy(NodePath.ROOT::parent).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> path("a").nameBelow(path("a")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatIsNoPathIsRefused() {
    for (String bad :
        new String[] {
          "/", "/a", "a/", "a//b", ".", "..", "a/.", "a/../b", "a\0", "n".repeat(256)
        }) {
      assertThatThrownBy(() -> path(bad)).as(bad).isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(path("n".repeat(255) + "/...").names()).hasSize(2);
    for (String bad : new String[] {"", ".", "..", "a/b", "a\0"}) {
      assertThatThrownBy(() -> NodePath.ROOT.child(bad.getBytes(StandardCharsets.UTF_8)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aPathDoesNotChangeWithTheArraysAround() {
    byte[] bytes = {'a', '/', 'b'};
    NodePath path = NodePath.of(bytes);

    bytes[0] = 'x';
    path.bytes()[0] = 'y';
    path.name()[0] = 'z';

    assertThat(path).isEqualTo(path("a/b"));
  }

  private static NodePath path(String text) {
    return NodePath.ofText(text);
  }

  /** The same path, or one that differs in few bytes. */
  private NodePath near(NodePath path) {
    List<Bytes> names = new ArrayList<>(path.names());
    switch (random.nextInt(4)) {
      case 0 -> names.add(Bytes.of(new byte[] {(byte) (0x20 + random.nextInt(14))}));
      case 1 -> {
        if (!names.isEmpty()) {
          names.removeLast();
        }
      }
      case 2 -> {
        if (!names.isEmpty()) {
          byte[] name = names.removeLast().toArray();
          name[random.nextInt(name.length)] = (byte) (0x30 + random.nextInt(200));
          names.add(Bytes.of(name));
        }
      }
      default -> {}
    }
    NodePath result = NodePath.ROOT;
    for (Bytes name : names) {
      result = result.child(name);
    }
    return result;
  }
}
