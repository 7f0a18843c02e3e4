package dev.tidemark.repository.snapshot;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStatus;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.PutOutcome;
import dev.tidemark.repository.blob.UnnamedFile;
import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Blobs for as long as a process works with them, in a temporary file without a name, before those
 * of a store that is only read. Nothing is made durable, and no room is given back before the end.
 * For one thread.
 */
final class ScratchStore implements BlobStore {
  private final BlobStore below;
  private final FileChannel file;
  private final Map<BlobName, Place> here = new HashMap<>();
  private long end;

  private record Place(long position, int length) {}

  private ScratchStore(BlobStore below, FileChannel file) {
    this.below = below;
    this.file = file;
  }

  static ScratchStore before(BlobStore below) throws IOException {
    return new ScratchStore(below, UnnamedFile.open());
  }

  /** Length of the temporary file. */
  long bytes() {
    return end;
  }

  @Override
  public PutOutcome put(BlobName name, ByteBuffer bytes) throws IOException {
    if (here.containsKey(name)) {
      return new PutOutcome.AlreadyPresent();
    }
    ByteBuffer rest = bytes.duplicate();
    int length = rest.remaining();
    long position = end;
    while (rest.hasRemaining()) {
      position += file.write(rest, position);
    }
    here.put(name, new Place(end, length));
    end = position;
    return new PutOutcome.Stored();
  }

  @Override
  public byte[] get(BlobName name) throws IOException {
    Place place = here.get(name);
    if (place == null) {
      return below.get(name);
    }
    ByteBuffer bytes = ByteBuffer.allocate(place.length());
    while (bytes.hasRemaining()) {
      if (file.read(bytes, place.position() + bytes.position()) < 0) {
        throw new EOFException("a temporary file ends before " + name + " does");
      }
    }
    return bytes.array();
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
  public void delete(BlobName name) {
    here.remove(name);
  }

  @Override
  public URI location() {
    return below.location();
  }

  /** Lets go what was put here. */
  @Override
  public void close() throws IOException {
    here.clear();
    file.close();
  }
}
