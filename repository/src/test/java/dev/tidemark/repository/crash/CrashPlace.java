package dev.tidemark.repository.crash;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.repository.blob.LocalBlobStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Where a world lies, for this process and for others. */
interface CrashPlace {
  /**
   * A blob of the past.
   *
   * @param modifiedMillis when it was put, by the clock of today
   */
  record Aged(byte[] bytes, long modifiedMillis) {}

  /** Brings a world there, each blob as old as it is. */
  void fill(Map<BlobName, Aged> blobs) throws IOException;

  /** The store, for a task. */
  BlobStore open() throws IOException;

  /** What lies in the store now: who looks at it may mend the index, and not in its place. */
  InMemoryBlobStore copy() throws IOException;

  /** From which {@link #find} finds the place in another process. */
  List<String> arguments();

  /** A file of this place's own, for the output of a process. */
  Path output();

  /** Makes places. */
  interface Maker {
    CrashPlace make() throws IOException;
  }

  /** Each in a folder below this one. */
  static Maker inFolders(Path parent) {
    AtomicInteger made = new AtomicInteger();
    return () -> {
      Path folder = parent.resolve("world-" + made.getAndIncrement());
      Files.createDirectories(folder);
      return new InFolder(folder);
    };
  }

  /** Each under a prefix of its own of a bucket; what tells of their ages is kept in a folder. */
  static Maker inBucket(URI endpoint, Path parent) {
    AtomicInteger made = new AtomicInteger();
    return () -> BucketPlace.create(endpoint, parent.resolve("world-" + made.getAndIncrement()));
  }

  static CrashPlace find(List<String> arguments) {
    return arguments.size() == 1
        ? new InFolder(Path.of(arguments.getFirst()))
        : new BucketPlace(arguments.getFirst(), Path.of(arguments.getLast()));
  }

  /** A real folder. */
  record InFolder(Path folder) implements CrashPlace {
    @Override
    public void fill(Map<BlobName, Aged> blobs) throws IOException {
      for (Map.Entry<BlobName, Aged> blob : blobs.entrySet()) {
        Path file = folder.resolve(blob.getKey().value());
        Files.createDirectories(file.getParent());
        Files.write(file, blob.getValue().bytes());
        Files.setLastModifiedTime(file, FileTime.fromMillis(blob.getValue().modifiedMillis()));
      }
    }

    @Override
    public BlobStore open() throws IOException {
      return LocalBlobStore.open(folder);
    }

    @Override
    public InMemoryBlobStore copy() throws IOException {
      InMemoryBlobStore copy = new InMemoryBlobStore();
      try (BlobStore store = open()) {
        List<BlobName> names = new ArrayList<>();
        store.list("", status -> names.add(status.name()));
        for (BlobName name : names) {
          copy.put(name, store.get(name));
        }
      }
      return copy;
    }

    @Override
    public List<String> arguments() {
      return List.of(folder.toString());
    }

    @Override
    public Path output() {
      return folder.resolveSibling(folder.getFileName() + ".log");
    }
  }
}
