package dev.tidemark.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HangingTransactionsTest {
  @TempDir Path folder;

  @Test
  void aTransactionThatItsCoordinatorKnowsIsLeftAlone() throws Exception {
    try (TestLog log = TestLog.start(folder);
        LogAdmin admin = LogAdmin.connect(log.connection());
        KafkaProducer<byte[], byte[]> producer = transactional(log.connection())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer
          .send(new ProducerRecord<>(log.topics().heads().name(), new byte[1], new byte[1]))
          .get();

      assertThat(admin.abortHangingTransactions("group")).isZero();

      producer.commitTransaction();
      assertThat(admin.abortHangingTransactions("group")).isZero();
    }
  }

  private static KafkaProducer<byte[], byte[]> transactional(LogConnection connection) {
    Map<String, Object> settings = connection.clientSettings();
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "under-way");
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }
}
