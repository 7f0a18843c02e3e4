package dev.tidemark.repository.snapshot;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStatus;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.PutOutcome;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Blobs for as long as a process works with them, in a folder for temporary files, before those of
 * a store that is only read. Nothing is made durable. For one thread.
 */
final class ScratchStore implements BlobStore {
  private final BlobStore below;
  private final Path folder;
  private final Set<BlobName> here = new HashSet<>();

  private ScratchStore(BlobStore below, Path folder) {
    this.below = below;
    this.folder = folder;
  }

  static ScratchStore before(BlobStore below) throws IOException {
    return new ScratchStore(below, Files.createTempDirectory("tidemark-"));
  }

  Path folder() {
    return folder;
  }

  private Path file(BlobName name) {
    return folder.resolve(name.lastPart());
  }

  @Override
  public PutOutcome put(BlobName name, ByteBuffer bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file(name), StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
      ByteBuffer rest = bytes.duplicate();
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      here.add(name);
      return new PutOutcome.Stored();
    } catch (FileAlreadyExistsException there) {
      return new PutOutcome.AlreadyPresent();
    }
  }

  @Override
  public byte[] get(BlobName name) throws IOException {
    return here.contains(name) ? Files.readAllBytes(file(name)) : below.get(name);
  }

  @Override
  public byte[] getRange(BlobName name, long position, int length) {
    throw notMeantFor("ranges");
  }

  @Override
  public ByteBuffer view(BlobName name) {
    throw notMeantFor("views");
  }

  @Override
  public OptionalLong length(BlobName name) {
    throw notMeantFor("lengths");
  }

  @Override
  public void list(String prefix, Consumer<BlobStatus> onBlob) {
    throw notMeantFor("listings");
  }

  @Override
  public List<String> listFolders(String prefix) {
    throw notMeantFor("listings");
  }

  @Override
  public void replace(BlobName name, ByteBuffer bytes) {
    throw notMeantFor("replacements");
  }

  private static UnsupportedOperationException notMeantFor(String what) {
    return new UnsupportedOperationException("a scratch store is not meant for " + what);
  }

  @Override
  public void delete(BlobName name) throws IOException {
    if (here.remove(name)) {
      Files.delete(file(name));
    }
  }

  @Override
  public URI location() {
    return folder.toUri();
  }

  /** Deletes what was put here. */
  @Override
  public void close() throws IOException {
    for (BlobName name : here) {
      Files.deleteIfExists(file(name));
    }
    here.clear();
    Files.deleteIfExists(folder);
  }
}
