package dev.tidemark.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tidemark.schemas.change.Extent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BrokerAwayTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir Path folder;

  @Test
  void readersGoOnWhereTheyWereWhenTheBrokerIsBack() throws Exception {
    Set<String> seen = ConcurrentHashMap.newKeySet();
    try (TestLog log = TestLog.start(folder);
        ChangeReader changes = new ChangeReader(log.connection(), log.topics(), 0, 0);
        FrameReader frames = new FrameReader(log.connection(), log.topics());
        Follower follower =
            CompactedTopic.follow(
                log.connection(), log.topics().standbys(), (key, _) -> seen.add(key))) {
      Extent.Chunk chunk = log.sendFrame("frame".getBytes(UTF_8));
      log.sendChange(0, TestLog.heartbeat("web", 1));
      log.send(log.topics().standbys(), 0, "before", new byte[1]);
      assertThat(frames.read(List.of(chunk))).hasSize(1);
      await().atMost(LONG).until(() -> changes.poll(Duration.ofMillis(100)).size() == 1);
      await().atMost(LONG).until(() -> seen.contains("before"));

      log.stopBroker();
      assertThat(changes.poll(Duration.ofMillis(300))).isEmpty();
      log.startBroker();
      log.sendChange(0, TestLog.heartbeat("web", 2));
      log.send(log.topics().standbys(), 0, "after", new byte[1]);

      await()
          .atMost(LONG)
          .until(
              () ->
                  changes.poll(Duration.ofMillis(100)).stream()
                      .anyMatch(record -> record.change().equals(TestLog.heartbeat("web", 2))));
      await().atMost(LONG).until(() -> seen.contains("after"));
      assertThat(follower.failure()).isEmpty();
      assertThat(frames.read(List.of(chunk))).hasSize(1);
    }
  }

  /** Takes as long as the readers are patient. */
  @Test
  @Tag("soak")
  void readersThatMustAnswerGiveUpOnABrokerThatStaysAway() throws Exception {
    try (TestLog log = TestLog.start(folder);
        FrameReader frames = new FrameReader(log.connection(), log.topics())) {
      Extent.Chunk chunk = log.sendFrame("frame".getBytes(UTF_8));
      assertThat(frames.read(List.of(chunk))).hasSize(1);
      log.stopBroker();

      assertThatThrownBy(() -> frames.read(List.of(chunk)))
          .isInstanceOf(BrokerUnreachableException.class)
          .hasMessageContaining(log.connection().bootstrapServers());
      assertThatThrownBy(() -> CompactedTopic.read(log.connection(), log.topics().heads()))
          .isInstanceOf(BrokerUnreachableException.class);
    }
  }
}
