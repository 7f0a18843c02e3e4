package dev.tidemark.repository.blob;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalBlobStoreTest implements BlobStoreContract {
  private static final Instant NOW = Instant.parse("2026-07-01T12:00:00Z");

  @TempDir Path folder;

  @Override
  public BlobStore createStore() throws IOException {
    return LocalBlobStore.open(folder.resolve("made/with/the/first-put"));
  }

  @Test
  void openingAFolderThatIsNotThereMakesNothing() throws IOException {
    try (BlobStore store = LocalBlobStore.open(folder.resolve("none"))) {
      assertThat(store.listFolders("")).isEmpty();
    }

    assertThat(folder.resolve("none")).doesNotExist();
  }

  @Test
  void aPutLeavesNoTemporaryFileAndIsForItsOwnerOnly() throws IOException {
    try (BlobStore store = LocalBlobStore.open(folder.resolve("r"))) {
      store.put(NAME, new byte[10]);
      store.put(NAME, new byte[10]);
    }

    assertThat(folder.resolve("r/tmp")).isEmptyDirectory();
    assertThat(Files.getPosixFilePermissions(folder.resolve("r/packs/ab/one.pack"))).hasSize(2);
    assertThat(Files.getPosixFilePermissions(folder.resolve("r"))).hasSize(3);
  }

  @Test
  void aFullDiskIsNamedWithItsRemedyAndLeavesNothing() throws IOException {
    TempWriter full =
        (file, bytes) -> {
          Files.write(file, new byte[bytes.remaining() / 2]);
          throw new IOException("No space left on device");
        };
    try (BlobStore store = LocalBlobStore.open(folder, InstantSource.fixed(NOW), full)) {
      assertThatThrownBy(() -> store.put(NAME, new byte[100]))
          .isInstanceOf(StoreFullException.class)
          .hasMessageContaining(folder.toString())
          .hasMessageContaining("free space");
      assertThat(store.length(NAME)).isEmpty();
    }
    assertThat(folder.resolve("tmp")).isEmptyDirectory();

    try (BlobStore store = LocalBlobStore.open(folder)) {
      assertThat(store.put(NAME, new byte[100])).isEqualTo(new PutOutcome.Stored());
    }
  }

  @Test
  void whatACrashLeftIsRemovedOnceItIsOldAndNotBefore() throws IOException {
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    Path old = Files.createFile(temporary.resolve("old"));
    Path young = Files.createFile(temporary.resolve("young"));
    Files.setLastModifiedTime(old, FileTime.from(NOW.minus(Duration.ofHours(25))));
    Files.setLastModifiedTime(young, FileTime.from(NOW.minus(Duration.ofHours(23))));

    LocalBlobStore.open(folder, InstantSource.fixed(NOW), TempWriter.DURABLE).close();

    assertThat(old).doesNotExist();
    assertThat(young).exists();
  }

  @Test
  void temporaryAndForeignFilesAreNotListed() throws IOException {
    Files.createDirectories(folder.resolve("tmp"));
    Files.createFile(folder.resolve("tmp/half"));
    Files.createFile(folder.resolve("Lost+Found"));
    List<BlobStatus> listed = new ArrayList<>();
    try (BlobStore store = LocalBlobStore.open(folder)) {
      store.put(NAME, ByteBuffer.wrap("abc".getBytes(UTF_8)));
      store.list("", listed::add);
    }

    assertThat(listed).extracting(BlobStatus::name).containsExactly(NAME);
    assertThat(listed.getFirst().bytes()).isEqualTo(3);
  }

  @Test
  void manyMoreFilesThanAreKeptOpenCanBeReadByManyThreads() throws Exception {
    try (BlobStore store = LocalBlobStore.open(folder)) {
      for (int i = 0; i < 150; i++) {
        store.put(new BlobName("b/" + i), new byte[] {1, (byte) i});
      }
      List<Thread> threads = new ArrayList<>();
      List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
      for (int t = 0; t < 4; t++) {
        int start = t * 37;
        threads.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      try {
                        for (int i = 0; i < 600; i++) {
                          int n = (start + i) % 150;
                          byte[] read = store.getRange(new BlobName("b/" + n), 1, 1);
                          assertThat(read[0]).isEqualTo((byte) n);
                        }
                      } catch (Throwable e) {
                        failures.add(e);
                      }
                    }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(failures).isEmpty();
    }
  }
}
