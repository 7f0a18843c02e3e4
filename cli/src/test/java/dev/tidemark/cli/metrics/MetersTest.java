package dev.tidemark.cli.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.cli.metrics.RoleMeters.Standby;
import dev.tidemark.cli.tracing.SpanCounts;
import dev.tidemark.mirror.MirrorStatus.Phase;
import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.LocalBlobStore;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.watcher.capture.CaptureMode;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MetersTest {
  private static final long MINUTE = 60_000;

  private final Meters meters = new Meters("1.2.3");

  @AfterEach
  void close() throws Exception {
    meters.close();
  }

  @Test
  void whatIsServedIsWhatIsDocumented(@TempDir Path dir) throws Exception {
    RoleMeters.watchers(
        meters, () -> Map.of(Statuses.WEB, Statuses.watcher(1, CaptureMode.INOTIFY, 5)));
    RoleMeters.store(
        meters,
        () ->
            Statuses.store(
                "RUNNING", Map.of(Statuses.WEB, Statuses.tree(1, 1, 0, 1, 1, Fault.NONE))));
    RoleMeters.standbys(
        meters, () -> Map.of(Statuses.WEB, new Standby(Statuses.mirror(Phase.FOLLOWING, ""), 2)));
    RoleMeters.scrub(meters, Statuses::scrub);
    RoleMeters.spans(meters, () -> new SpanCounts(3, 2, 1));

    try (BlobStore store = new MeteredBlobStore(LocalBlobStore.open(dir.resolve("s")), meters)) {
      String scraped = meters.scrape();

      assertThat(store.listFolders("")).isEmpty();
      assertThat(Documented.served(scraped)).isEqualTo(Documented.names());
      assertThat(scraped)
          .contains("tidemark_build_info{version=\"1.2.3\"} 1\n")
          .contains("tidemark_watcher_dirty_entries{tree=\"web\"} 3.0")
          .contains("tidemark_scrub_progress_ratio 0.25")
          .contains("tidemark_standby_phase{phase=\"following\",tree=\"web\"} 1.0")
          .contains("tidemark_standby_phase{phase=\"held\",tree=\"web\"} 0.0")
          .contains("jvm_memory_used_bytes");
    }
  }

  @Test
  void aRoleIsToldOfForAsLongAsItRuns() {
    AtomicLong published = new AtomicLong(1);
    RoleMeters.watchers(
        meters,
        () ->
            published.get() < 0
                ? Map.of()
                : Map.of(Statuses.WEB, Statuses.watcher(1, CaptureMode.INOTIFY, published.get())));
    String name = "tidemark_watcher_published_changes_total{tree=\"web\"} ";

    assertThat(meters.scrape()).contains(name + "1.0");
    published.set(7);
    assertThat(meters.scrape()).contains(name + "7.0");
    published.set(-1);
    assertThat(meters.scrape()).doesNotContain("tree=\"web\"");
    published.set(2);
    assertThat(meters.scrape()).contains(name + "2.0");
  }

  @Test
  void aTreeIsFreshUpToItsOldestUnsealedChange() {
    assertThat(Statuses.tree(5, 5, 0, MINUTE, 3 * MINUTE, Fault.NONE).freshMillis())
        .as("all is sealed, and the writer has been heard of since")
        .isEqualTo(3 * MINUTE);
    assertThat(Statuses.tree(6, 5, 2 * MINUTE, MINUTE, 3 * MINUTE, Fault.NONE).freshMillis())
        .as("one change is not sealed")
        .isEqualTo(2 * MINUTE);
    Fault gap = new Fault(Fault.Kind.GAP, 5, 9, "a gap");
    assertThat(Statuses.tree(5, 5, 0, MINUTE, 3 * MINUTE, gap).freshMillis())
        .as("what was sent since is not accepted")
        .isEqualTo(MINUTE);
  }

  @Test
  void callsToTheStoreAreCountedByWhatBecameOfThem(@TempDir Path dir) throws Exception {
    BlobName name = new BlobName("a/b");
    try (BlobStore store = new MeteredBlobStore(LocalBlobStore.open(dir.resolve("s")), meters)) {
      store.put(name, new byte[] {1, 2});

      assertThat(store.get(name)).containsExactly(1, 2);
      assertThatThrownBy(() -> store.get(new BlobName("a/c")))
          .isInstanceOf(BlobMissingException.class);
      assertThat(meters.scrape())
          .contains("tidemark_store_request_seconds_count{operation=\"put\",result=\"done\"} 1")
          .contains("tidemark_store_request_seconds_count{operation=\"get\",result=\"done\"} 1")
          .contains("tidemark_store_request_seconds_count{operation=\"get\",result=\"missing\"} 1")
          .contains("tidemark_store_request_seconds_count{operation=\"put\",result=\"failed\"} 0");
    }
  }

  /** A default of the interface would hide what the store does better. */
  @Test
  void everyCallReachesTheStore() {
    List<String> passedOn =
        Arrays.stream(MeteredBlobStore.class.getDeclaredMethods())
            .map(MetersTest::signature)
            .toList();

    assertThat(BlobStore.class.getDeclaredMethods())
        .filteredOn(method -> !Modifier.isStatic(method.getModifiers()) && !method.isSynthetic())
        .allSatisfy(method -> assertThat(passedOn).contains(signature(method)));
  }

  private static String signature(Method method) {
    return method.getName() + Arrays.toString(method.getParameterTypes());
  }
}
