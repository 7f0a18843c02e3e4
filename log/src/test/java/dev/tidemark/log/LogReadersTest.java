package dev.tidemark.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkBounds;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogReadersTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir static Path folder;
  private static TestLog log;

  @BeforeAll
  static void start() throws Exception {
    log = TestLog.start(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    log.close();
  }

  @AfterEach
  void noTestLeavesKeys() throws Exception {
    for (TopicHandle topic : List.of(log.topics().standbys(), log.topics().heads())) {
      for (String key : CompactedTopic.read(log.connection(), topic).keySet()) {
        log.sendTombstone(topic, key);
      }
    }
  }

  @Test
  void aCompactedTopicIsReadToItsEndWithTheNewestValuePerKey() throws Exception {
    TopicHandle topic = log.topics().standbys();
    assertThat(CompactedTopic.read(log.connection(), topic)).isEmpty();
    log.send(topic, 0, "a", text("1"));
    log.send(topic, 0, "b", text("2"));
    log.send(topic, 0, "a", text("3"));
    log.send(topic, 0, "gone", text("4"));
    log.sendTombstone(topic, "gone");

    Map<String, byte[]> values = CompactedTopic.read(log.connection(), topic);

    assertThat(values).containsOnlyKeys("a", "b");
    assertThat(values.get("a")).isEqualTo(text("3"));
  }

  @Test
  void aFollowerSeesWhatWasThereThenWhatComes() throws Exception {
    TopicHandle topic = log.topics().standbys();
    log.send(topic, 0, "before", text("1"));
    Map<String, String> seen = new ConcurrentHashMap<>();

    try (Follower follower =
        CompactedTopic.follow(
            log.connection(),
            topic,
            (key, value) -> {
              if (value == null) {
                seen.remove(key);
              } else {
                seen.put(key, new String(value, UTF_8));
              }
            })) {
      assertThat(follower.awaitCaughtUp(LONG)).isTrue();
      assertThat(seen).containsEntry("before", "1");

      log.send(topic, 0, "after", text("2"));
      log.sendTombstone(topic, "before");
      await().atMost(LONG).until(() -> seen.equals(Map.of("after", "2")));
    }
  }

  @Test
  void aFollowerOfAnEmptyTopicIsCaughtUpAtOnceAndClosesWhileItWaits() throws Exception {
    Follower follower =
        CompactedTopic.follow(log.connection(), log.topics().watermarks(), (_, _) -> {});
    assertThat(follower.awaitCaughtUp(LONG)).isTrue();
    Instant begun = Instant.now();

    follower.close();
    follower.close();

    assertThat(Duration.between(begun, Instant.now())).isLessThan(Duration.ofMillis(900));
    assertThat(follower.failure()).isEmpty();
  }

  @Test
  void aFollowerWhoseCallbackFailsSaysSo() throws Exception {
    log.send(log.topics().standbys(), 0, "a", text("1"));

    try (Follower follower =
        CompactedTopic.follow(
            log.connection(),
            log.topics().standbys(),
            (_, _) -> {
              throw new IllegalStateException("cannot take it");
            })) {
      await().atMost(LONG).until(() -> follower.failure().isPresent());
      assertThatThrownBy(() -> follower.awaitCaughtUp(LONG)).hasMessageContaining("cannot take it");
    }
  }

  @Test
  void headsAreFoundByTree() throws Exception {
    assertThat(Heads.find(log.connection(), log.topics(), new TreeName("web"))).isEmpty();
    Head web = head("web");
    Head mail = head("mail");
    log.send(log.topics().heads(), 0, "web", Records.encode(web));
    log.send(log.topics().heads(), 0, "mail", Records.encode(mail));

    assertThat(Heads.find(log.connection(), log.topics(), web.tree())).contains(web);
    assertThat(Heads.readAll(log.connection(), log.topics()))
        .isEqualTo(Map.of(web.tree(), web, mail.tree(), mail));
  }

  @Test
  void aHeadThatCannotBeReadNamesItsTopicAndTree() throws Exception {
    log.send(log.topics().heads(), 0, "web", text("no head"));

    assertThatThrownBy(() -> Heads.find(log.connection(), log.topics(), new TreeName("web")))
        .hasMessageContaining(log.topics().heads().name())
        .hasMessageContaining("key web");
  }

  @Test
  void aDescriptorIsPublishedOnceAndAnotherRepositoryIsRefused() throws Exception {
    RepositoryDescriptor mine = descriptor(new UUID(1, 1), 4);
    assertThat(Descriptors.find(log.connection(), log.topics())).isEmpty();

    assertThat(Descriptors.publish(log.connection(), log.topics(), mine)).isEqualTo(mine);
    assertThat(Descriptors.publish(log.connection(), log.topics(), mine)).isEqualTo(mine);

    RepositoryDescriptor other = descriptor(new UUID(2, 2), 4);
    assertThatThrownBy(() -> Descriptors.publish(log.connection(), log.topics(), other))
        .isInstanceOf(DescriptorConflictException.class)
        .hasMessageContaining(mine.id().toString())
        .hasMessageContaining(other.id().toString());
    assertThatThrownBy(
            () -> Descriptors.publish(log.connection(), log.topics(), descriptor(mine.id(), 2)))
        .isInstanceOf(DescriptorConflictException.class)
        .hasMessageContaining("other values");
    assertThatThrownBy(
            () -> Descriptors.publish(log.connection(), log.topics(), descriptor(mine.id(), 5)))
        .isInstanceOf(TopicPolicyException.class)
        .hasMessageContaining("4 partitions");
    assertThat(Descriptors.find(log.connection(), log.topics())).contains(mine);
  }

  @Test
  void changesAreReadInOrderFromAnOffsetAndWhatIsNoChangeIsCounted() throws Exception {
    long first = log.sendChange(0, TestLog.heartbeat("web", 1)).offset();
    log.send(log.topics().changes(), 0, "web", text("no change"));
    log.send(log.topics().changes(), 0, "mail", Records.encode(TestLog.heartbeat("web", 2)));
    long last = log.sendChange(0, TestLog.heartbeat("web", 3)).offset();

    try (ChangeReader reader = new ChangeReader(log.connection(), log.topics(), 0, first)) {
      List<LogRecord> changes = readTo(reader, last + 1);

      assertThat(changes)
          .extracting(LogRecord::change)
          .containsExactly(TestLog.heartbeat("web", 1), TestLog.heartbeat("web", 3));
      assertThat(changes.getLast().offset()).isEqualTo(last);
      assertThat(changes.getLast().key()).isEqualTo("web");
      assertThat(changes.getLast().logTimeMillis()).isPositive();
      assertThat(reader.rejected()).isEqualTo(2);
      assertThat(reader.endOffset()).isEqualTo(last + 1);

      reader.seek(last);
      assertThat(readTo(reader, last + 1)).hasSize(1);
    }
  }

  /** A reader that is moved to another offset silently would step over changes. */
  @Test
  void anOffsetThatTheLogDoesNotHaveIsToldAndNeverSteppedOver() throws Exception {
    for (int i = 1; i <= 5; i++) {
      log.sendChange(1, TestLog.heartbeat("kept", i));
    }
    log.deleteBefore(log.topics().changes(), 1, 3);

    try (ChangeReader below = new ChangeReader(log.connection(), log.topics(), 1, 1);
        ChangeReader above = new ChangeReader(log.connection(), log.topics(), 1, 1000)) {
      assertThatThrownBy(() -> below.poll(LONG))
          .isInstanceOfSatisfying(
              OffsetLostException.class,
              e -> {
                assertThat(e.wanted()).isEqualTo(1);
                assertThat(e.beginning()).isEqualTo(3);
                assertThat(e.end()).isEqualTo(5);
              });
      assertThat(below.beginningOffset()).isEqualTo(3);
      assertThatThrownBy(() -> above.poll(LONG))
          .isInstanceOf(OffsetLostException.class)
          .hasMessageContaining("offset 1000")
          .hasMessageContaining("lost its end");
      below.seek(3);
      assertThat(readTo(below, 5)).hasSize(2);
    }
  }

  private static List<LogRecord> readTo(ChangeReader reader, long end) throws Exception {
    List<LogRecord> changes = new ArrayList<>();
    Instant deadline = Instant.now().plus(LONG);
    while (reader.position() < end && Instant.now().isBefore(deadline)) {
      changes.addAll(reader.poll(Duration.ofMillis(200)));
    }
    return changes;
  }

  private static RepositoryDescriptor descriptor(UUID id, int chunksPartitions) {
    return new RepositoryDescriptor(
        id,
        RepositoryDescriptor.FORMAT_VERSION,
        1,
        ChunkBounds.DEFAULT,
        Bytes.of(new byte[RepositoryDescriptor.SEED_BYTES]),
        chunksPartitions,
        2);
  }

  private static Head head(String tree) {
    Cursor cursor = Cursor.start(new UUID(3, 3), 0, 0);
    return new Head(new TreeName(tree), cursor, cursor, 12, Fault.NONE, 0, 0, 0);
  }

  private static byte[] text(String text) {
    return text.getBytes(UTF_8);
  }
}
