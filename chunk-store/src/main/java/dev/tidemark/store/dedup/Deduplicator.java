package dev.tidemark.store.dedup;

import java.util.Set;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * Makes the tasks of the chunks topic. They forward watermarks: key partition in decimal, value as
 * published.
 */
public final class Deduplicator implements ProcessorSupplier<byte[], byte[], String, byte[]> {
  private final DedupContext context;

  public Deduplicator(DedupContext context) {
    this.context = context;
  }

  @Override
  public Processor<byte[], byte[], String, byte[]> get() {
    return new DedupProcessor(context);
  }

  @Override
  public Set<StoreBuilder<?>> stores() {
    return Set.of(DedupState.stores());
  }

  /** Makes the processors that answer clean-up, of the same tasks. */
  public static ProcessorSupplier<byte[], byte[], byte[], byte[]> releaser(DedupContext context) {
    return () -> new Releaser(context.chunksTopic(), context.counters());
  }

  /** The stores that they need. */
  public static String[] releaserStores() {
    return new String[] {DedupState.CHUNK_INDEX, DedupState.PENDING};
  }
}
