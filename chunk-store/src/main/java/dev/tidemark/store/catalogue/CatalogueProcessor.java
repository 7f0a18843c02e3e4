package dev.tidemark.store.catalogue;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.codec.UnreadableRecordException;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.cursor.Verdict;
import dev.tidemark.schemas.topic.Partitioning;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition of the changes topic: routes its records to their trees and publishes the trees'
 * heads.
 */
final class CatalogueProcessor implements Processor<byte[], byte[], String, byte[]> {
  private static final Logger log = LoggerFactory.getLogger(CatalogueProcessor.class);
  private static final Duration TICK = Duration.ofMillis(50);
  private static final long HEADS_INTERVAL_MILLIS = 200;
  private static final long MAX_AHEAD_MILLIS = 60_000;

  private final CatalogueContext shared;
  private Mailbox mailbox;
  private Watermarks watermarks;
  private final HeadOrigin origins;
  private final SealedLag lag;
  private final Map<TreeName, CataloguedTree> trees = new HashMap<>();

  /** Trees whose head was found on the log when their records came a second time. */
  private final Set<TreeName> proved = new HashSet<>();

  private ProcessorContext<String, byte[]> context;
  private HeadStore heads;
  private KeyValueStore<String, byte[]> watermarkStore;
  private int partition;
  private long headsForwardedMillis;

  @SuppressWarnings("NullAway.Init") // Streams calls init before anything else
  CatalogueProcessor(CatalogueContext shared) {
    this.shared = shared;
    origins = new HeadOrigin(shared);
    lag = new SealedLag(shared.chunksRetention(), shared.states(), shared.counters());
  }

  @Override
  public void init(ProcessorContext<String, byte[]> processorContext) {
    context = processorContext;
    partition = context.taskId().partition();
    begin();
    heads = new HeadStore(context.getStateStore(Catalogue.HEADS));
    watermarkStore = Catalogue.watermarkStore(context);
    try {
      loadHeads();
    } catch (IOException e) {
      throw new CatalogueException(
          "changes partition %d: its trees could not be loaded".formatted(partition), e);
    }
    context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, _ -> tick());
  }

  /**
   * A task that had to be taken up again from its state, as after a commit that the broker did not
   * answer, begins with the processors that it had, closed: nothing of theirs may be left.
   */
  private void begin() {
    mailbox = new Mailbox(shared.work());
    watermarks = new Watermarks(shared.chunksTopic(), shared.chunksPartitions());
    proved.clear();
    headsForwardedMillis = 0;
  }

  private void loadHeads() throws IOException {
    for (Head head : origins.resume(partition, heads.load())) {
      heads.saveWhole(add(head).head());
      log.atInfo()
          .addKeyValue("tree", head.tree())
          .addKeyValue("acceptedSequence", head.accepted().sequence())
          .addKeyValue("sealedSequence", head.sealed().sequence())
          .log("tree resumed");
    }
  }

  private CataloguedTree add(Head head) {
    CataloguedTree tree =
        new CataloguedTree(head, shared, mailbox, watermarks, context::currentSystemTimeMs);
    trees.put(head.tree(), tree);
    return tree;
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    RecordMetadata metadata = context.recordMetadata().orElseThrow();
    Optional<Change> change = decode(metadata, record.key(), record.value());
    if (change.isEmpty()) {
      return;
    }
    CataloguedTree tree = treeOf(change.get().tree(), metadata.offset());
    if (metadata.offset() < tree.head().accepted().nextOffset()) {
      if (isReadAgain(tree)) {
        return; // The head has it.
      }
      tree = restart(tree, metadata.offset());
    }
    warnOfClock(metadata, record.timestamp());
    Verdict verdict = tree.accept(change.get(), metadata.offset(), record.timestamp());
    switch (verdict) {
      case Verdict.Accepted _ -> shared.counters().acceptedChanges.increment();
      case Verdict.Rejected _, Verdict.Gapped _ -> shared.counters().rejectedChanges.increment();
      case Verdict.Alive _, Verdict.Asked _, Verdict.Repeated _ -> {}
    }
    heads.save(tree.head());
  }

  private Optional<Change> decode(RecordMetadata metadata, byte[] key, byte[] value) {
    String name = key == null ? "" : new String(key, StandardCharsets.UTF_8);
    if (value == null) {
      undecodable(metadata, name, "it has no value");
      return Optional.empty();
    }
    Change change;
    try {
      change = Records.decodeChange(value);
    } catch (UnreadableRecordException e) {
      undecodable(metadata, name, e.toString());
      return Optional.empty();
    }
    if (!change.tree().value().equals(name)
        || Partitioning.of(change.tree(), shared.changesPartitions()) != partition) {
      shared.counters().rejectedChanges.increment();
      log.atWarn()
          .addKeyValue("partition", partition)
          .addKeyValue("offset", metadata.offset())
          .addKeyValue("tree", change.tree())
          .log("change rejected: another key or another partition than its tree's");
      return Optional.empty();
    }
    return Optional.of(change);
  }

  private void undecodable(RecordMetadata metadata, String key, String reason) {
    shared.counters().undecodableChanges.increment();
    log.atWarn()
        .addKeyValue("partition", partition)
        .addKeyValue("offset", metadata.offset())
        .addKeyValue("key", key)
        .addKeyValue("reason", reason)
        .log("unreadable change; if it was one, the tree's next change shows the gap");
  }

  private CataloguedTree treeOf(TreeName name, long offset) {
    CataloguedTree tree = trees.get(name);
    if (tree != null) {
      return tree;
    }
    try {
      return add(origins.begin(name, partition, offset));
    } catch (IOException e) {
      throw new CatalogueException(
          "tree %s: where its log in the repository ends could not be read".formatted(name), e);
    }
  }

  /** Whether the log still holds what the head has accepted, and is only read a second time. */
  private boolean isReadAgain(CataloguedTree tree) {
    if (proved.contains(tree.name())) {
      return true;
    }
    try {
      boolean intact = origins.isOnLog(tree.head());
      if (intact) {
        proved.add(tree.name());
      }
      return intact;
    } catch (IOException e) {
      throw new CatalogueException(
          "tree %s: the changes topic could not be read".formatted(tree.name()), e);
    }
  }

  private CataloguedTree restart(CataloguedTree tree, long offset) {
    try {
      tree.close();
      return add(origins.restart(tree.head(), partition, offset));
    } catch (IOException e) {
      throw new CatalogueException(
          "tree %s: where its log in the repository ends could not be read".formatted(tree.name()),
          e);
    }
  }

  private void warnOfClock(RecordMetadata metadata, long appendTimeMillis) {
    long ahead = appendTimeMillis - context.currentSystemTimeMs();
    if (ahead > MAX_AHEAD_MILLIS) {
      log.atWarn()
          .addKeyValue("partition", partition)
          .addKeyValue("offset", metadata.offset())
          .addKeyValue("aheadMillis", ahead)
          .log("the broker's clock is ahead of this host's by more than a minute");
    }
  }

  private void tick() {
    try {
      watermarks.refresh(watermarkStore);
    } catch (UnreadableRecordException e) {
      throw new CatalogueException("a watermark is unreadable: a newer version wrote it", e);
    }
    mailbox.open();
    boolean commit = false;
    for (CataloguedTree tree : trees.values()) {
      tree.advance();
      // Work that was done at once has its letter here already.
      mailbox.open();
      commit |= tree.takeUrgent();
    }
    long now = context.currentSystemTimeMs();
    if (commit || now - headsForwardedMillis >= HEADS_INTERVAL_MILLIS) {
      headsForwardedMillis = now;
      forwardHeads(now);
      trees.values().forEach(tree -> lag.look(tree.name(), tree.unsealedSinceMillis(), now));
    }
    if (commit) {
      context.commit();
    }
  }

  private void forwardHeads(long now) {
    for (CataloguedTree tree : trees.values()) {
      if (tree.takeChanged()) {
        byte[] head = heads.saveWhole(tree.head());
        context.forward(new Record<>(tree.name().value(), head, now));
        shared.states().set(tree.head());
      }
    }
  }

  @Override
  public void close() {
    mailbox.close();
    trees.values().forEach(CataloguedTree::close);
    trees.keySet().forEach(shared.states()::remove);
    trees.clear();
  }
}
