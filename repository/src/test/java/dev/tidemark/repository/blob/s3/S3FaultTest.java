package dev.tidemark.repository.blob.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.DurablePut;
import dev.tidemark.repository.blob.PutOutcome;
import dev.tidemark.testing.FaultProxy;
import dev.tidemark.testing.FaultProxy.Fault;
import dev.tidemark.testing.FaultProxy.Request;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a bad line and a bad server do to requests, and what is made of it. */
final class S3FaultTest {
  private static final BlobName NAME = new BlobName("packs/ab/one.pack");
  private static final byte[] BYTES = "hello".getBytes(UTF_8);
  private static final Predicate<Request> PUTS = Request::isPut;
  private static final Predicate<Request> READS = Request::isRead;

  private FaultProxy proxy;
  private BlobStore store;

  @BeforeEach
  void openThroughProxy() throws IOException {
    proxy = FaultProxy.before(TestS3.server().endpoint());
    store = TestS3.open(proxy.endpoint());
    store.prepareForPuts();
    proxy.forgetRequests();
  }

  @AfterEach
  void close() throws IOException {
    store.close();
    proxy.close();
  }

  @Test
  void aPutWhoseAnswerIsLostIsUnknownAndNotSentAgainUnasked() throws IOException {
    proxy.plan(PUTS, Fault.LOST_ANSWER, 1);

    assertThat(store.put(NAME, BYTES)).isInstanceOf(PutOutcome.Unknown.class);

    assertThat(proxy.requests()).hasSize(1);
    assertThat(store.put(NAME, BYTES)).isEqualTo(new PutOutcome.AlreadyPresent());
    assertThat(store.get(NAME)).isEqualTo(BYTES);
  }

  @Test
  void aPutThatIsLostItselfIsUnknownTooAndADurablePutMakesUpForIt() throws IOException {
    proxy.plan(PUTS, Fault.LOST_REQUEST, 2);

    assertThat(store.put(NAME, BYTES)).isInstanceOf(PutOutcome.Unknown.class);
    assertThat(store.length(NAME)).isEmpty();

    assertThat(DurablePut.put(store, NAME, BYTES)).isEqualTo(DurablePut.Result.STORED);
    assertThat(store.get(NAME)).isEqualTo(BYTES);
  }

  @Test
  void aServersErrorThatMayHaveComeAfterTheEffectIsUnknown() throws IOException {
    proxy.plan(PUTS, Fault.ERROR_AFTER, 1);

    assertThat(store.put(NAME, BYTES)).isInstanceOf(PutOutcome.Unknown.class);

    assertThat(DurablePut.put(store, NAME, BYTES)).isEqualTo(DurablePut.Result.ALREADY_PRESENT);
  }

  @Test
  void aPutRefusedForOverloadIsSentAgain() throws IOException {
    proxy.plan(PUTS, Fault.SLOW_DOWN, 2);

    assertThat(store.put(NAME, BYTES)).isEqualTo(new PutOutcome.Stored());

    assertThat(proxy.requests()).hasSize(3);
  }

  @Test
  void aPutRefusedForOverloadAllTheTimeFailsWithItsReason() throws IOException {
    proxy.plan(PUTS, Fault.SLOW_DOWN, Integer.MAX_VALUE);

    assertThatThrownBy(() -> store.put(NAME, BYTES))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("overloaded")
        .hasMessageContaining("one.pack");
    assertThat(store.length(NAME)).isEmpty();
  }

  @Test
  void aPutWaitsForASlowAnswer() throws IOException {
    proxy.plan(PUTS, Fault.SLOW, 1);

    assertThat(store.put(NAME, BYTES)).isEqualTo(new PutOutcome.Stored());
  }

  @Test
  void readsAreRepeatedAfterEachKindOfFailure() throws IOException {
    byte[] large = new byte[(3 << 20) + 5];
    new Random(3).nextBytes(large);
    store.put(NAME, large);
    for (Fault fault :
        new Fault[] {
          Fault.LOST_REQUEST, Fault.LOST_ANSWER, Fault.TRUNCATED, Fault.SLOW_DOWN, Fault.ERROR_AFTER
        }) {
      proxy.plan(READS, fault, 2);

      assertThat(store.get(NAME)).as("after %s", fault).isEqualTo(large);
      proxy.plan(READS, fault, 1);
      assertThat(store.getRange(NAME, 7, 9)).as("after %s", fault).hasSize(9);
    }
  }

  @Test
  void aReadThatFailsAllTheTimeSaysWhyAndIsNoAbsence() throws IOException {
    store.put(NAME, BYTES);
    proxy.plan(READS, Fault.TRUNCATED, Integer.MAX_VALUE);

    assertThatThrownBy(() -> store.get(NAME))
        .isExactlyInstanceOf(IOException.class)
        .hasMessageContaining("Cannot read s3://backup/")
        .hasMessageContaining("one.pack at " + proxy.endpoint());
  }

  @Test
  void listingsAndDeletionsAreRepeated() throws IOException {
    store.put(NAME, BYTES);
    proxy.plan(request -> request.isListing(), Fault.LOST_ANSWER, 1);
    proxy.plan(request -> request.method().equals("DELETE"), Fault.LOST_ANSWER, 1);
    proxy.plan(request -> request.method().equals("POST"), Fault.LOST_ANSWER, 1);

    assertThat(store.listFolders("")).containsExactly("packs");
    store.delete(NAME);
    store.put(NAME, BYTES);
    store.deleteAll(java.util.List.of(NAME));

    assertThat(store.length(NAME)).isEmpty();
  }

  @Test
  void aBlobInPartsOutlivesLostPartsAndALostEnd() throws IOException {
    byte[] large = new byte[(11 << 20) + 3];
    new Random(4).nextBytes(large);
    proxy.plan(
        request -> request.isPut() && request.target().contains("partNumber=2"),
        Fault.LOST_ANSWER,
        1);
    proxy.plan(
        request -> request.target().contains("uploadId=") && request.method().equals("POST"),
        Fault.LOST_ANSWER,
        1);

    // The first such end is of the trial whether the condition holds; it fails, and nothing is put.
    assertThatThrownBy(() -> store.put(NAME, large)).isInstanceOf(IOException.class);
    proxy.plan(
        request -> request.target().contains("uploadId=") && request.method().equals("POST"),
        Fault.SLOW_DOWN,
        1);
    assertThat(DurablePut.put(store, NAME, large)).isEqualTo(DurablePut.Result.STORED);

    assertThat(store.get(NAME)).isEqualTo(large);
  }

  @Test
  void anUploadInPartsWhoseEndIsLostIsUnknownAndThenFound() throws IOException {
    byte[] large = new byte[(6 << 20) + 3];
    store.put(new BlobName("packs/other"), large);
    proxy.plan(
        request -> request.target().contains("uploadId=") && request.method().equals("POST"),
        Fault.LOST_ANSWER,
        1);

    assertThat(store.put(NAME, large)).isInstanceOf(PutOutcome.Unknown.class);

    assertThat(store.put(NAME, large)).isEqualTo(new PutOutcome.AlreadyPresent());
    assertThat(store.get(NAME)).isEqualTo(large);
  }

  @Test
  void anInterruptBeforeARequestEndsItToo() throws Exception {
    store.put(NAME, BYTES);
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> store.get(NAME)).isInstanceOf(InterruptedIOException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void anInterruptEndsTheWaitingForAnAnswer() throws Exception {
    store.put(NAME, BYTES);
    proxy.plan(READS, Fault.SLOW, Integer.MAX_VALUE);
    AtomicReference<Throwable> ended = new AtomicReference<>();
    CountDownLatch started = new CountDownLatch(1);
    Thread reader =
        Thread.ofPlatform()
            .start(
                () -> {
                  started.countDown();
                  try {
                    store.get(NAME);
                  } catch (IOException e) {
                    ended.set(e);
                  }
                });
    started.await();

    reader.interrupt();
    reader.join(30_000);

    assertThat(ended.get()).isInstanceOf(InterruptedIOException.class);
  }
}
