package dev.tidemark.schemas.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.schemas.change.Epoch;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class TracedChangeTest {
  private static final UUID TOPIC = new UUID(1, 2);
  private static final Epoch EPOCH = new Epoch(7, new UUID(3, 4));
  private static final Change.Body BODY =
      new Change.Remove(NodePath.of("file".getBytes(StandardCharsets.UTF_8)));

  private static TracedChange change(UUID topic, String tree, Epoch epoch, long number) {
    return new TracedChange(topic, new TreeName(tree), epoch, number, Cause.LIVE, BODY);
  }

  /** Processes of two versions are to find each other's spans. */
  @Test
  void theIdsStayWhatTheyAre() {
    String trace = change(TOPIC, "web", EPOCH, 42).traceId();

    assertThat(trace).isEqualTo("fd1aacaab39c93a4771e29aeff586578");
    assertThat(TracedChange.spanId(trace, Step.PUBLISH, "")).isEqualTo("63178b4a48ebaab7");
  }

  @Test
  void anotherPlaceInTheLogIsAnotherTrace() {
    List<String> ids = new ArrayList<>();
    ids.add(change(TOPIC, "web", EPOCH, 42).traceId());
    ids.add(change(new UUID(1, 3), "web", EPOCH, 42).traceId());
    ids.add(change(TOPIC, "wab", EPOCH, 42).traceId());
    ids.add(change(TOPIC, "web", new Epoch(8, EPOCH.writer()), 42).traceId());
    ids.add(change(TOPIC, "web", new Epoch(7, new UUID(3, 5)), 42).traceId());
    ids.add(change(TOPIC, "web", EPOCH, 43).traceId());

    assertThat(ids).doesNotHaveDuplicates().allMatch(id -> id.matches("[0-9a-f]{32}"));
  }

  @Test
  void standbysHaveSpansOfTheirOwnBelowTheOneOfTheWriter() {
    String trace = change(TOPIC, "web", EPOCH, 42).traceId();

    assertThat(TracedChange.spanId(trace, Step.APPLY, "one"))
        .isNotEqualTo(TracedChange.spanId(trace, Step.APPLY, "two"))
        .matches("[0-9a-f]{16}");
    assertThat(TracedChange.spanId(trace, Step.PUBLISH, "one"))
        .isEqualTo(TracedChange.spanId(trace, Step.PUBLISH, ""));
  }

  @Test
  void marksAndWhatAScanFindsAreNotTraced() {
    assertThat(TracedChange.isTraced(Cause.LIVE, BODY)).isTrue();
    assertThat(TracedChange.isTraced(Cause.RECONCILE, BODY)).isTrue();
    assertThat(TracedChange.isTraced(Cause.SCAN, BODY)).isFalse();
    assertThat(TracedChange.isTraced(Cause.LIVE, new Change.Heartbeat(3))).isFalse();
  }
}
