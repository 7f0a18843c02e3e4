package dev.tidemark.store.dedup;

import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.codec.UnreadableRecordException;
import dev.tidemark.schemas.cursor.Condemned;
import dev.tidemark.schemas.cursor.Released;
import dev.tidemark.store.counts.Counters;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers clean-up for the chunks of one partition. A chunk that nothing has named since the basis
 * of the question, and that is not pending, is forgotten in the transaction that says so: the next
 * body of it that comes is stored again.
 */
final class Releaser implements Processor<byte[], byte[], byte[], byte[]> {
  private static final Logger log = LoggerFactory.getLogger(Releaser.class);

  private final UUID chunksTopic;
  private final Counters counters;
  private ProcessorContext<byte[], byte[]> context;
  private KeyValueStore<byte[], byte[]> index;
  private KeyValueStore<byte[], byte[]> pending;

  @SuppressWarnings("NullAway.Init") // Streams calls init before anything else
  Releaser(UUID chunksTopic, Counters counters) {
    this.chunksTopic = chunksTopic;
    this.counters = counters;
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> processorContext) {
    context = processorContext;
    index = context.getStateStore(DedupState.CHUNK_INDEX);
    pending = context.getStateStore(DedupState.PENDING);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    if (record.value() == null) {
      return;
    }
    Condemned question;
    try {
      question = Records.decodeCondemned(record.value());
    } catch (UnreadableRecordException e) {
      // No answer means that the chunk is in use.
      log.atWarn().setCause(e).log("unreadable question of clean-up left without an answer");
      return;
    }
    boolean mayGo =
        question.chunksTopic().equals(chunksTopic)
            && question.partition() == context.taskId().partition()
            && !isNamedAfter(question.id(), question.basis())
            && !isPending(question.id(), question.basis());
    if (mayGo) {
      index.delete(question.id().bytes());
      counters.releasedChunks.increment();
    }
    context.forward(
        record
            .withKey(question.id().bytes())
            .withValue(Records.encode(new Released(question, mayGo))));
  }

  private boolean isNamedAfter(ChunkId id, long basis) {
    byte[] value = index.get(id.bytes());
    return value != null && ByteBuffer.wrap(value).getLong(16) > basis;
  }

  /**
   * A frame waits at an offset at or before the last that named its chunk, which is at or before
   * the basis: where no frame waits that is as old, none has to be looked at.
   */
  private boolean isPending(ChunkId id, long basis) {
    try (KeyValueIterator<byte[], byte[]> pointers = pending.all()) {
      while (pointers.hasNext()) {
        KeyValue<byte[], byte[]> pointer = pointers.next();
        if (ByteBuffer.wrap(pointer.key).getLong() > basis) {
          return false; // In the order of the offsets.
        }
        if (ChunkId.of(pointer.value, 0).equals(id)) {
          return true;
        }
      }
    }
    return false;
  }
}
