package dev.tidemark.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.broker.EmbeddedBroker;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.blob.UnsupportedStoreException;
import dev.tidemark.repository.verify.VerifyMode;
import dev.tidemark.testing.FaultProxy;
import dev.tidemark.testing.FaultProxy.Fault;
import dev.tidemark.testing.FaultProxy.Request;
import dev.tidemark.testing.ObjectServer;
import dev.tidemark.testing.S3Server;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sealing into a bucket: what it asks of the store, and what a bad line does to it. */
final class S3SealingTest {
  @TempDir static Path brokerFolder;
  private static EmbeddedBroker broker;
  private static ObjectServer server;

  @BeforeAll
  static void start() throws Exception {
    System.setProperty("aws.accessKeyId", S3Server.ACCESS_KEY);
    System.setProperty("aws.secretAccessKey", S3Server.SECRET_KEY);
    broker = EmbeddedBroker.start(brokerFolder);
    server = ObjectServer.start();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
    broker.close();
  }

  private static ChunkStoreConfig config(TestCluster cluster, String url, Path folder) {
    return ChunkStoreConfig.of(cluster.connection, url, folder.resolve("state"))
        .withFlushInterval(Duration.ofMillis(200))
        .withPackBytes(1 << 20)
        // What is done beside sealing lists the store; here it would come at any time.
        .withSnapshotInterval(Duration.ofHours(1));
  }

  @Test
  void sealingListsNothingAndTakesAFewRequestsForAPackAndASegment(@TempDir Path folder)
      throws Exception {
    TestCluster cluster = new TestCluster(broker, "s3a.", 2);
    try (FaultProxy proxy = FaultProxy.before(server.endpoint())) {
      String url = S3Server.url(proxy.endpoint(), "sealing");
      try (ChunkStore store = ChunkStore.start(config(cluster, url, folder));
          TestWriter writer = cluster.writer("web").begin()) {
        writer.put("first", Changes.plain(0, 5_000));
        cluster.awaitSealed("web", 2);
        proxy.forgetRequests();
        long packsBefore = store.status().packs();

        for (int i = 1; i <= 20; i++) {
          writer.put("f" + i, Changes.plain(i, 40_000));
          if (i % 4 == 0) {
            cluster.awaitSealed("web", 2 + i);
          }
        }

        List<Request> requests = proxy.requests();
        assertThat(requests).filteredOn(Request::isListing).isEmpty();
        long packs = store.status().packs() - packsBefore;
        long segments = requests.stream().filter(r -> r.target().contains("/log/")).count();
        assertThat(packs).isPositive();
        assertThat(segments).isPositive();
        // A pack: its put and its index's put. A segment: its put.
        assertThat(requests).hasSizeLessThanOrEqualTo((int) (2 * packs + segments));
      }
      requireWhole(url);
    }
  }

  @Test
  void lostAnswersWhileSealingLoseAndDoubleNothing(@TempDir Path folder) throws Exception {
    TestCluster cluster = new TestCluster(broker, "s3b.", 2);
    try (FaultProxy proxy = FaultProxy.before(server.endpoint())) {
      String url = S3Server.url(proxy.endpoint(), "lost");
      List<byte[]> chunks = new ArrayList<>();
      try (ChunkStore store = ChunkStore.start(config(cluster, url, folder));
          TestWriter writer = cluster.writer("web").begin()) {
        for (Fault fault : List.of(Fault.LOST_ANSWER, Fault.LOST_REQUEST, Fault.ERROR_AFTER)) {
          for (String kind : List.of("/packs/", "/index/", "/log/")) {
            proxy.plan(r -> r.isPut() && r.target().contains(kind), fault, 1);
            byte[] chunk = Changes.plain(100 + chunks.size(), 30_000);
            chunks.add(chunk);
            writer.put("f" + chunks.size(), chunk);
            cluster.awaitSealed("web", 1 + chunks.size());
          }
        }
        assertThat(store.status().packs()).isEqualTo(chunks.size());
      }
      requireWhole(url);
      try (Repository repository = Repository.open(Repository.openStore(url))) {
        for (byte[] chunk : chunks) {
          assertThat(repository.readChunk(Changes.id(chunk))).isEqualTo(chunk);
        }
        assertThat(SealingTest.sealed(repository, "web")).hasSize(1 + chunks.size());
      }
    }
  }

  private static void requireWhole(String url) throws Exception {
    try (Repository repository = Repository.open(Repository.openStore(url))) {
      assertThat(repository.verify(VerifyMode.READ_DATA).damages()).isEmpty();
    }
  }

  @Test
  void aStoreThatIgnoresConditionsIsRefusedAtTheStart(@TempDir Path folder) throws Exception {
    TestCluster cluster = new TestCluster(broker, "s3c.", 2);
    var careless =
        com.sun.net.httpserver.HttpServer.create(
            new java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), 0), 0);
    careless.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, -1);
          }
        });
    careless.start();
    String url = "s3://bucket/p?endpoint=http://127.0.0.1:" + careless.getAddress().getPort();
    try {
      assertThatThrownBy(() -> ChunkStore.start(config(cluster, url, folder)))
          .isInstanceOf(UnsupportedStoreException.class)
          .hasMessageContaining("does not honour conditional puts");
    } finally {
      careless.stop(0);
    }
  }
}
