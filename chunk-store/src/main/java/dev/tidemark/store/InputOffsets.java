package dev.tidemark.store;

import dev.tidemark.log.AccessDeniedByBrokerException;
import dev.tidemark.log.CompactedTopic;
import dev.tidemark.log.Heads;
import dev.tidemark.log.LogClients;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.log.TopicHandle;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.cursor.Watermark;
import dev.tidemark.schemas.cursor.Watermark.Range;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the application reads on, decided before it starts: nothing is ever reset silently. A
 * partition without an offset begins at its topic's start; so does one of a topic that was made
 * again. An offset that the log does not have any more is moved to the nearest that it has; the
 * tasks see the difference to their state and act on it.
 */
final class InputOffsets {
  private static final Logger log = LoggerFactory.getLogger(InputOffsets.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final Admin admin;
  private final LogConnection connection;
  private final LogTopics topics;
  private final String group;
  private final Duration patience;

  InputOffsets(Admin admin, LogConnection connection, LogTopics topics, String group) {
    this(admin, connection, topics, group, PATIENCE);
  }

  /**
   * @param patience how long other members of the group are waited for
   */
  InputOffsets(
      Admin admin, LogConnection connection, LogTopics topics, String group, Duration patience) {
    this.admin = admin;
    this.connection = connection;
    this.topics = topics;
    this.group = group;
    this.patience = patience;
  }

  /** The offsets to set, and the watermarks that lie beyond them. */
  private record Correction(
      Map<TopicPartition, OffsetAndMetadata> committed,
      Map<TopicPartition, OffsetAndMetadata> wanted,
      Map<Integer, Watermark> watermarks) {
    boolean isEmpty() {
      return wanted.isEmpty();
    }
  }

  /**
   * Commits what has to be committed. While the group has other members nothing is touched: what
   * they commit meanwhile may leave nothing to be done, and they know what they have read.
   *
   * @param diverged offsets from which the log is known to differ from what was read
   * @param members of the group that are of this process; they are removed if the group has to be
   *     empty
   * @throws ChunkStoreRefusedException if others are members for as long as this waits
   */
  void prepare(Map<TopicPartition, Long> diverged, Collection<String> members) throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      Correction correction = look(diverged);
      if (correction.isEmpty()) {
        return;
      }
      removeMembers(members);
      Optional<String> refusal = findOthers();
      if (refusal.isEmpty()) {
        correction
            .wanted()
            .forEach(
                (input, wanted) ->
                    announce(input, offsetOf(correction.committed().get(input)), wanted.offset()));
        lowerWatermarks(correction);
        refusal = tryCommit(correction);
        if (refusal.isEmpty()) {
          return;
        }
      }
      if (System.nanoTime() > deadline) {
        throw new ChunkStoreRefusedException(
            ("The offsets of group %s must be set, which is possible only while no other process is"
                    + " a member of it: %s. Stop the others, start this one, then start them"
                    + " again.")
                .formatted(group, refusal.get()));
      }
      pause();
    }
  }

  /**
   * Committed offsets are read before the ends of the partitions: read the other way round, what a
   * running process commits between the two would look like an offset that the log does not have.
   */
  private Correction look(Map<TopicPartition, Long> diverged) throws IOException {
    Set<TopicPartition> inputs = new HashSet<>(partitions(topics.chunks()));
    inputs.addAll(partitions(topics.changes()));
    inputs.addAll(partitions(topics.condemned()));
    Map<TopicPartition, OffsetAndMetadata> committed =
        await(
            admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata(),
            "reading the offsets of group " + group);
    Map<TopicPartition, Long> first = offsets(inputs, OffsetSpec.earliest());
    Map<TopicPartition, Long> end = offsets(inputs, OffsetSpec.latest());
    Map<Integer, Watermark> watermarks = watermarks();
    Set<TopicPartition> otherTopic = ofOtherTopic(watermarks);
    Map<TopicPartition, OffsetAndMetadata> changed = new HashMap<>();
    for (TopicPartition input : inputs) {
      long from = first.getOrDefault(input, 0L);
      long to = end.getOrDefault(input, 0L);
      OptionalLong known = offsetOf(committed.get(input));
      long limit = Math.min(to, diverged.getOrDefault(input, Long.MAX_VALUE));
      long wanted =
          known.isEmpty() || otherTopic.contains(input)
              ? from
              : Math.clamp(known.getAsLong(), from, Math.max(from, limit));
      if (known.isEmpty() || known.getAsLong() != wanted) {
        changed.put(input, new OffsetAndMetadata(wanted));
      }
    }
    return new Correction(committed, changed, watermarks);
  }

  private static OptionalLong offsetOf(@Nullable OffsetAndMetadata committed) {
    return committed == null ? OptionalLong.empty() : OptionalLong.of(committed.offset());
  }

  private void announce(TopicPartition input, OptionalLong known, long wanted) {
    if (known.isEmpty()) {
      log.atDebug()
          .addKeyValue("input", input)
          .addKeyValue("offset", wanted)
          .log("input begins at the topic's start");
    } else {
      log.atWarn()
          .addKeyValue("input", input)
          .addKeyValue("committedOffset", known.getAsLong())
          .addKeyValue("offset", wanted)
          .log("input moved: the log does not hold what was to be read next");
    }
  }

  /** Partitions whose results so far are of a topic that is gone. */
  private Set<TopicPartition> ofOtherTopic(Map<Integer, Watermark> watermarks) throws IOException {
    Set<TopicPartition> others = new HashSet<>();
    for (Watermark watermark : watermarks.values()) {
      if (!watermark.chunksTopic().equals(topics.chunks().id())) {
        others.add(new TopicPartition(topics.chunks().name(), watermark.partition()));
      }
    }
    for (Head head : Heads.readAll(connection, topics).values()) {
      if (!head.accepted().changesTopic().equals(topics.changes().id())) {
        others.add(new TopicPartition(topics.changes().name(), head.accepted().partition()));
      }
    }
    return others;
  }

  private Map<Integer, Watermark> watermarks() throws IOException {
    Map<Integer, Watermark> watermarks = new HashMap<>();
    for (byte[] value : CompactedTopic.read(connection, topics.watermarks()).values()) {
      Watermark watermark = Records.decodeWatermark(value);
      watermarks.put(watermark.partition(), watermark);
    }
    return watermarks;
  }

  /**
   * A watermark beyond what is read again would call frames durable that nobody has seen. The
   * catalogue reads watermarks before the task of the partition has published its own.
   */
  private void lowerWatermarks(Correction correction) throws IOException {
    List<Watermark> lowered = new ArrayList<>();
    for (Watermark watermark : correction.watermarks().values()) {
      OffsetAndMetadata next =
          correction
              .wanted()
              .get(new TopicPartition(topics.chunks().name(), watermark.partition()));
      boolean sameTopic = watermark.chunksTopic().equals(topics.chunks().id());
      if (next != null && sameTopic && watermark.offset() >= next.offset()) {
        lowered.add(cut(watermark, next.offset() - 1));
      }
    }
    if (lowered.isEmpty()) {
      return;
    }
    try (Producer<byte[], byte[]> producer = LogClients.changeProducer(connection)) {
      for (Watermark watermark : lowered) {
        byte[] key = Integer.toString(watermark.partition()).getBytes(StandardCharsets.UTF_8);
        producer
            .send(
                new ProducerRecord<>(topics.watermarks().name(), 0, key, Records.encode(watermark)))
            .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the watermarks could not be lowered", e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static Watermark cut(Watermark watermark, long offset) {
    List<Range> holes =
        watermark.holes().stream()
            .filter(hole -> hole.first() <= offset)
            .map(hole -> new Range(hole.first(), Math.min(hole.last(), offset)))
            .toList();
    return new Watermark(watermark.chunksTopic(), watermark.partition(), offset, holes);
  }

  /** Why it was refused, if it was: somebody has joined the group meanwhile. */
  private Optional<String> tryCommit(Correction correction) {
    try {
      await(
          admin.alterConsumerGroupOffsets(group, correction.wanted()).all(),
          "setting the offsets of group " + group);
      return Optional.empty();
    } catch (IOException e) {
      log.atDebug().addKeyValue("group", group).setCause(e).log("offsets not set yet");
      return Optional.of(e.toString());
    }
  }

  /** The members of the group, if it has any. */
  private Optional<String> findOthers() throws IOException {
    try {
      String members =
          await(admin.describeConsumerGroups(List.of(group)).all(), "looking at group " + group)
              .values()
              .stream()
              .flatMap(description -> description.members().stream())
              .map(member -> member.clientId() + " at " + member.host())
              .sorted()
              .collect(Collectors.joining(", "));
      return members.isEmpty() ? Optional.empty() : Optional.of(members);
    } catch (IOException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private void removeMembers(Collection<String> members) throws IOException {
    if (members.isEmpty()) {
      return;
    }
    try {
      await(
          admin
              .removeMembersFromConsumerGroup(
                  group,
                  new RemoveMembersFromConsumerGroupOptions(
                      members.stream().map(MemberToRemove::new).toList()))
              .all(),
          "removing this process from group " + group);
    } catch (IOException e) {
      // Some of them are no members; the next attempt to commit tells whether that was all.
      log.atDebug().addKeyValue("group", group).setCause(e).log("members not removed");
    }
  }

  private Map<TopicPartition, Long> offsets(Set<TopicPartition> inputs, OffsetSpec which)
      throws IOException {
    Map<TopicPartition, OffsetSpec> question = new HashMap<>();
    inputs.forEach(input -> question.put(input, which));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    await(admin.listOffsets(question).all(), "asking for the offsets of the inputs")
        .forEach((input, result) -> offsets.put(input, result.offset()));
    return offsets;
  }

  private static List<TopicPartition> partitions(TopicHandle topic) {
    return IntStream.range(0, topic.partitions())
        .mapToObj(partition -> new TopicPartition(topic.name(), partition))
        .toList();
  }

  private <T> T await(KafkaFuture<T> future, String doing) throws IOException {
    try {
      return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      Optional<AccessDeniedByBrokerException> denied =
          AccessDeniedByBrokerException.find(connection, doing, cause);
      if (denied.isPresent()) {
        throw denied.get();
      }
      throw new IOException("%s: %s".formatted(doing, cause), cause);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static void pause() throws InterruptedIOException {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static InterruptedIOException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    InterruptedIOException interrupted = new InterruptedIOException("interrupted");
    interrupted.initCause(e);
    return interrupted;
  }
}
