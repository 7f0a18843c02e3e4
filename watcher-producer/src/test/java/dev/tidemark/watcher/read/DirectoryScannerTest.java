package dev.tidemark.watcher.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.filter.PathFilter;
import dev.tidemark.watcher.capture.Capture;
import dev.tidemark.watcher.capture.CaptureFaults;
import dev.tidemark.watcher.capture.CaptureMode;
import dev.tidemark.watcher.dirty.Mark;
import dev.tidemark.watcher.read.Findings.Difference;
import dev.tidemark.watcher.state.EntryKey;
import dev.tidemark.watcher.state.EntryRecord;
import dev.tidemark.watcher.state.Name;
import dev.tidemark.watcher.state.PublishedTree;
import dev.tidemark.watcher.state.Signature;
import dev.tidemark.watcher.state.StateStore;
import dev.tidemark.watcher.state.Step;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a comparison shows of changes that are handed over and not acknowledged. */
final class DirectoryScannerTest {
  private static final long ROOT = 1;
  private static final Name NAME = new Name("name".getBytes(StandardCharsets.US_ASCII));
  private static final EntryKey KEY = new EntryKey(ROOT, NAME);

  @TempDir private Path folder;

  @Test
  void findsAnEntryGoneWhoseComingIsNotAcknowledged() throws Exception {
    try (StateStore store = StateStore.open(folder.resolve("state"), "test");
        PublishedTree published = new PublishedTree(store)) {
      published.put(KEY, fifo());

      assertThat(differences(published)).containsExactly(new Difference(NAME, Mark.META, 1));
    }
  }

  @Test
  void findsAnEntryGoneWhoseComingIsAcknowledgedAndNotStored() throws Exception {
    try (StateStore store = StateStore.open(folder.resolve("state"), "test");
        PublishedTree published = new PublishedTree(store)) {
      Step put = published.put(KEY, fifo());
      published.settle(put);

      assertThat(differences(published)).containsExactly(new Difference(NAME, Mark.META, 1));

      published.commit();
      assertThat(published.unsettledIn(ROOT)).isEmpty();
      assertThat(differences(published)).containsExactly(new Difference(NAME, Mark.META, 1));
    }
  }

  @Test
  void doesNotFindAnEntryGoneWhoseGoingIsHandedOver() throws Exception {
    try (StateStore store = StateStore.open(folder.resolve("state"), "test");
        PublishedTree published = new PublishedTree(store)) {
      published.put(KEY, fifo());
      published.remove(KEY);

      assertThat(differences(published)).isEmpty();
    }
  }

  private List<Difference> differences(PublishedTree published) throws Exception {
    Path tree = Files.createDirectories(folder.resolve("tree"));
    List<Difference> differences = new ArrayList<>();
    try (TreeRoot root = TreeRoot.open(NativePath.of(tree), Mounts.STAY);
        var source =
            Capture.open(CaptureMode.SCAN, root.descriptor(), root.path(), CaptureFaults.NONE)
                .source()) {
      new DirectoryScanner(
              root,
              published,
              new Watches(root, source),
              (_, _) -> false,
              PathFilter.NONE,
              new Collected(differences),
              ListFaults.NONE)
          .scan(
              new ReadTask.Scan(
                  ROOT,
                  new byte[0],
                  root.firstStatus().inode(),
                  0,
                  ScanKind.DIFFERENCE,
                  ReadTask.Depth.SIGNATURES,
                  new Semaphore(0)));
    }
    return differences;
  }

  private record Collected(List<Difference> differences) implements Sink {
    @Override
    public void inspected(long ticket, Inspected inspected) {
      throw new AssertionError("nothing was to be looked at");
    }

    @Override
    public void found(Findings findings) {
      assertThat(findings.progress()).isEqualTo(new Findings.Progress.Complete());
      differences.addAll(findings.differing());
    }

    @Override
    public void failed(Throwable cause) {
      throw new AssertionError(cause);
    }
  }

  private static EntryRecord fifo() throws IOException {
    Metadata metadata = new Metadata(0644, 0, 0, "", "", new Metadata.FileTime(1, 0), List.of(), 0);
    return EntryRecord.of(
        new Signature(0, 1, 0, 1, 0, 70), false, 1, List.of(), new Node.Fifo(metadata));
  }
}
