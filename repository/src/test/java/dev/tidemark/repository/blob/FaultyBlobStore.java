package dev.tidemark.repository.blob;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A store whose calls go wrong as planned: each plan holds for one call. Not thread-safe. */
public final class FaultyBlobStore implements BlobStore {
  /** What goes wrong with a put. */
  public enum PutFault {
    /** Nothing is put, an exception comes. */
    FAIL_BEFORE,
    /** The blob is put, an exception comes. */
    FAIL_AFTER,
    /** Nothing is put, and the answer does not say so. */
    UNKNOWN_BEFORE,
    /** The blob is put, and the answer does not say so. */
    UNKNOWN_AFTER
  }

  /** What goes wrong with a read. */
  public enum ReadFault {
    FAIL,
    SHORT,
    FLIPPED_BIT
  }

  private final BlobStore store;
  private int puts;
  private int gets;
  private int deletes;
  private int failingPut = -1;
  private int failingDelete = -1;
  private PutFault putFault = PutFault.FAIL_BEFORE;
  private Predicate<BlobName> failingRead = _ -> false;
  private ReadFault readFault = ReadFault.FAIL;

  public FaultyBlobStore(BlobStore store) {
    this.store = store;
  }

  /** Lets the put go wrong that is {@code step} puts away; 0 is the next. */
  public void failPut(int step, PutFault fault) {
    failingPut = puts + step;
    putFault = fault;
  }

  /** Lets the delete go wrong, before it has any effect, that is {@code step} deletes away. */
  public void failDelete(int step) {
    failingDelete = deletes + step;
  }

  /** Lets reads of these blobs go wrong from now on. */
  public void failReads(Predicate<BlobName> blobs, ReadFault fault) {
    failingRead = blobs;
    readFault = fault;
  }

  public int puts() {
    return puts;
  }

  public int deletes() {
    return deletes;
  }

  /** Reads of whole blobs. */
  public int gets() {
    return gets;
  }

  @Override
  public PutOutcome put(BlobName name, ByteBuffer bytes) throws IOException {
    if (puts++ != failingPut) {
      return store.put(name, bytes);
    }
    return switch (putFault) {
      case FAIL_BEFORE -> throw new IOException("planned failure before the put of " + name);
      case FAIL_AFTER -> {
        store.put(name, bytes);
        throw new IOException("planned failure after the put of " + name);
      }
      case UNKNOWN_BEFORE -> new PutOutcome.Unknown("planned");
      case UNKNOWN_AFTER -> {
        store.put(name, bytes);
        yield new PutOutcome.Unknown("planned");
      }
    };
  }

  @Override
  public byte[] get(BlobName name) throws IOException {
    gets++;
    return spoil(name, store.get(name));
  }

  @Override
  public byte[] getRange(BlobName name, long position, int length) throws IOException {
    if (failingRead.test(name) && readFault == ReadFault.SHORT) {
      throw new BlobTooShortException(describe(name), position, length, position + length - 1);
    }
    return spoil(name, store.getRange(name, position, length));
  }

  @Override
  public ByteBuffer view(BlobName name) throws IOException {
    return ByteBuffer.wrap(get(name)).asReadOnlyBuffer();
  }

  private byte[] spoil(BlobName name, byte[] bytes) throws IOException {
    if (!failingRead.test(name)) {
      return bytes;
    }
    return switch (readFault) {
      case FAIL -> throw new IOException("planned failure of a read of " + name);
      case SHORT -> java.util.Arrays.copyOf(bytes, bytes.length - 1);
      case FLIPPED_BIT -> {
        bytes[bytes.length / 2] ^= 1;
        yield bytes;
      }
    };
  }

  @Override
  public OptionalLong length(BlobName name) throws IOException {
    return store.length(name);
  }

  @Override
  public void list(String folder, Consumer<BlobStatus> onBlob) throws IOException {
    store.list(folder, onBlob);
  }

  @Override
  public List<String> listFolders(String folder) throws IOException {
    return store.listFolders(folder);
  }

  @Override
  public void replace(BlobName name, ByteBuffer bytes) throws IOException {
    store.replace(name, bytes);
  }

  @Override
  public void delete(BlobName name) throws IOException {
    if (deletes++ == failingDelete) {
      throw new IOException("planned failure of the deletion of " + name);
    }
    store.delete(name);
  }

  @Override
  public URI location() {
    return store.location();
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
