package dev.tidemark.store.catalogue;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** Makes the tasks of the changes topic. They forward heads: key tree, value as published. */
public final class Catalogue implements ProcessorSupplier<byte[], byte[], String, byte[]> {
  static final String HEADS = "heads";
  private static final String WATERMARKS = "watermarks-everywhere";

  private final CatalogueContext context;

  public Catalogue(CatalogueContext context) {
    this.context = context;
  }

  @Override
  public Processor<byte[], byte[], String, byte[]> get() {
    return new CatalogueProcessor(context);
  }

  /** Written for every change: the cache lets one value per tree and commit through. */
  @Override
  public Set<StoreBuilder<?>> stores() {
    return Set.of(
        Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore(HEADS), Serdes.String(), Serdes.ByteArray())
            .withCachingEnabled()
            .withLoggingEnabled(
                Map.of(
                    "segment.bytes", Integer.toString(8 << 20),
                    "segment.ms", "600000",
                    "min.cleanable.dirty.ratio", "0.1")));
  }

  /** The store that holds every partition's watermark in every process. */
  public static StoreBuilder<KeyValueStore<String, byte[]>> watermarkStore() {
    return Stores.keyValueStoreBuilder(
            Stores.inMemoryKeyValueStore(WATERMARKS), Serdes.String(), Serdes.ByteArray())
        .withLoggingDisabled();
  }

  /** Keeps that store. */
  public static ProcessorSupplier<String, byte[], Void, Void> watermarkKeeper() {
    return WatermarkKeeper::new;
  }

  static KeyValueStore<String, byte[]> watermarkStore(ProcessorContext<?, ?> context) {
    return context.getStateStore(WATERMARKS);
  }

  private static final class WatermarkKeeper implements Processor<String, byte[], Void, Void> {
    private KeyValueStore<String, byte[]> store;

    @SuppressWarnings("NullAway.Init") // Streams calls init before anything else
    WatermarkKeeper() {}

    @Override
    public void init(ProcessorContext<Void, Void> context) {
      store = watermarkStore(context);
    }

    @Override
    public void process(Record<String, byte[]> record) {
      store.put(record.key(), record.value());
    }
  }
}
