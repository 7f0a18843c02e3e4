package dev.tidemark.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.codec.Records;
import dev.tidemark.store.catalogue.Catalogue;
import dev.tidemark.store.dedup.Deduplicator;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedForward;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.StoreBuilder;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kafka Streams takes a task up again from its state with the processors that it had, after a
 * commit that came to no end.
 */
final class RevivedTaskTest {
  @TempDir Path folder;

  private static MockProcessorContext<String, byte[]> context(
      Path folder, Set<StoreBuilder<?>> stores) {
    Properties settings = new Properties();
    settings.put("application.id", "test");
    settings.put("bootstrap.servers", "none:1");
    MockProcessorContext<String, byte[]> context =
        new MockProcessorContext<>(settings, new TaskId(0, 0), folder.toFile());
    context.setCurrentSystemTimeMs(1_000);
    for (StoreBuilder<?> builder : stores) {
      StateStore store = builder.withCachingDisabled().withLoggingDisabled().build();
      store.init(context.getStateStoreContext(), store);
      context.addStateStore(store);
    }
    return context;
  }

  private static void tick(MockProcessorContext<String, byte[]> context) {
    context.scheduledPunctuators().getLast().getPunctuator().punctuate(1_000);
  }

  @Test
  void aChunksTaskTakenUpAgainHearsWhatIsDurable() throws Exception {
    try (TestTopology topology = new TestTopology(folder.resolve("topology"))) {
      Deduplicator tasks = new Deduplicator(topology.dedup);
      var context = context(folder, tasks.stores());
      Processor<byte[], byte[], String, byte[]> task = tasks.get();
      task.init(context);
      task.close();
      task.init(context);
      byte[] plain = Changes.plain(1, 5_000);
      context.setRecordMetadata("chunks", 0, 0);
      task.process(new Record<>(Changes.id(plain).bytes(), Changes.frame(plain), 0));
      topology.packs.flushNow();

      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .pollInSameThread()
          .until(
              () -> {
                tick(context);
                byte[] last = context.forwarded().getLast().record().value();
                return Records.decodeWatermark(last).offset() == 0;
              });
      task.close();
    }
  }

  @Test
  void aChangesTaskTakenUpAgainSealsWhatComes() throws Exception {
    try (TestTopology topology = new TestTopology(folder.resolve("topology"))) {
      Catalogue tasks = new Catalogue(topology.catalogue);
      Set<StoreBuilder<?>> stores = new java.util.HashSet<>(tasks.stores());
      stores.add(Catalogue.watermarkStore());
      var context = context(folder, stores);
      Processor<byte[], byte[], String, byte[]> task = tasks.get();
      task.init(context);
      task.close();
      task.init(context);
      Changes web = topology.writer("web");
      context.setRecordMetadata("changes", 0, 0);
      task.process(
          new Record<>(
              "web".getBytes(StandardCharsets.UTF_8), Records.encode(web.epochStarted()), 1_000));

      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .pollInSameThread()
          .until(
              () -> {
                tick(context);
                List<CapturedForward<? extends String, ? extends byte[]>> heads =
                    new ArrayList<>(context.forwarded());
                return !heads.isEmpty()
                    && Records.decodeHead(heads.getLast().record().value()).sealed().sequence()
                        == 1;
              });
      task.close();
      assertThat(topology.repository.trees()).hasSize(1);
    }
  }
}
