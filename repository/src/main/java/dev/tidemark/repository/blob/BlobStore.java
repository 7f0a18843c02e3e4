package dev.tidemark.repository.blob;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Port: named bytes that are put once and never change. Safe for use by many threads.
 *
 * <p>An {@link IOException} that is none of the types named here is transient: the call may be
 * repeated. After one from a put the blob may be there or not.
 */
public interface BlobStore extends AutoCloseable {
  /**
   * For who is about to put blobs: makes sure that this store keeps its promise of putting a name
   * once, and removes what unfinished puts of crashed processes left. Without it the first put
   * makes sure.
   *
   * @throws UnsupportedStoreException if it does not keep it
   */
  default void prepareForPuts() throws IOException {}

  /**
   * Puts what remains in {@code bytes} under {@code name} if no blob has that name. The blob
   * appears whole or not at all, and is durable when this returns {@link PutOutcome.Stored} or
   * {@link PutOutcome.AlreadyPresent}.
   *
   * @throws StoreFullException if there is no room
   */
  PutOutcome put(BlobName name, ByteBuffer bytes) throws IOException;

  /**
   * All bytes of a blob, a fresh array.
   *
   * @throws BlobMissingException if there is none of this name
   */
  byte[] get(BlobName name) throws IOException;

  /**
   * {@code length} bytes of a blob from {@code position} on, a fresh array.
   *
   * @throws BlobMissingException if there is none of this name
   * @throws BlobTooShortException if it ends before
   */
  byte[] getRange(BlobName name, long position, int length) throws IOException;

  /** Whether each request goes over a network, so that few large ones beat many small ones. */
  default boolean isRemote() {
    return false;
  }

  /**
   * All bytes of a blob for repeated reading, read-only; a local store maps what is large instead
   * of copying it.
   *
   * @throws BlobMissingException if there is none of this name
   */
  ByteBuffer view(BlobName name) throws IOException;

  /** Length in bytes, empty if there is no blob of this name. */
  OptionalLong length(BlobName name) throws IOException;

  /**
   * Every blob whose name begins with {@code folder}, at any depth, in no order. Blobs put or
   * deleted meanwhile may be shown or not.
   *
   * @param folder empty for all, else ending in {@code '/'}
   */
  void list(String folder, Consumer<BlobStatus> onBlob) throws IOException;

  /**
   * The next name parts below {@code folder} that hold blobs of their own, without {@code '/'},
   * sorted.
   */
  List<String> listFolders(String folder) throws IOException;

  /** Deletes a blob. Deleting one that is not there has no effect. */
  void delete(BlobName name) throws IOException;

  /**
   * Puts bytes in the place of a blob that is damaged; durable on return. A reader sees the one or
   * the other, never a part.
   */
  void replace(BlobName name, ByteBuffer bytes) throws IOException;

  /**
   * Deletes blobs, in as few requests as the store allows. After an exception some of them may be
   * deleted.
   */
  default void deleteAll(Collection<BlobName> names) throws IOException {
    for (BlobName name : names) {
      delete(name);
    }
  }

  /** Where this store is, for messages. */
  URI location();

  @Override
  void close() throws IOException;

  /** Puts whole bytes. */
  default PutOutcome put(BlobName name, byte[] bytes) throws IOException {
    return put(name, ByteBuffer.wrap(bytes));
  }

  /** A blob's place as people know it. */
  default String describe(BlobName name) {
    String base = location().toString();
    return base + (base.endsWith("/") ? "" : "/") + name;
  }

  /** Checks the folder argument of a listing. */
  static void requireFolder(String folder) {
    if (!folder.isEmpty() && !folder.endsWith("/")) {
      throw new IllegalArgumentException(
          "folder \"%s\": expected to be empty or to end in '/'".formatted(folder));
    }
  }
}
