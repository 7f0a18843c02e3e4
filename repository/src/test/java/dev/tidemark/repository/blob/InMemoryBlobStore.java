package dev.tidemark.repository.blob;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;

/** Blobs in a map. */
public final class InMemoryBlobStore implements BlobStore {
  private final Map<BlobName, byte[]> blobs = new ConcurrentSkipListMap<>();

  @Override
  public PutOutcome put(BlobName name, ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    return blobs.putIfAbsent(name, copy) == null
        ? new PutOutcome.Stored()
        : new PutOutcome.AlreadyPresent();
  }

  @Override
  public byte[] get(BlobName name) throws IOException {
    byte[] bytes = blobs.get(name);
    if (bytes == null) {
      throw new BlobMissingException(name, describe(name));
    }
    return bytes.clone();
  }

  @Override
  public byte[] getRange(BlobName name, long position, int length) throws IOException {
    byte[] bytes = get(name);
    if (bytes.length - position < length) {
      throw new BlobTooShortException(describe(name), position, length, bytes.length);
    }
    return Arrays.copyOfRange(bytes, (int) position, (int) position + length);
  }

  @Override
  public ByteBuffer view(BlobName name) throws IOException {
    return ByteBuffer.wrap(get(name)).asReadOnlyBuffer();
  }

  @Override
  public OptionalLong length(BlobName name) {
    byte[] bytes = blobs.get(name);
    return bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes.length);
  }

  @Override
  public void list(String folder, Consumer<BlobStatus> onBlob) {
    BlobStore.requireFolder(folder);
    List<BlobStatus> found = new ArrayList<>();
    blobs.forEach(
        (name, bytes) -> {
          if (name.value().startsWith(folder)) {
            found.add(new BlobStatus(name, bytes.length, System.currentTimeMillis()));
          }
        });
    found.forEach(onBlob);
  }

  @Override
  public List<String> listFolders(String folder) {
    BlobStore.requireFolder(folder);
    var folders = new TreeSet<String>();
    for (BlobName name : blobs.keySet()) {
      if (name.value().startsWith(folder)) {
        String rest = name.value().substring(folder.length());
        if (rest.contains("/")) {
          folders.add(rest.substring(0, rest.indexOf('/')));
        }
      }
    }
    return List.copyOf(folders);
  }

  @Override
  public void delete(BlobName name) {
    blobs.remove(name);
  }

  @Override
  public void replace(BlobName name, ByteBuffer bytes) {
    byte[] whole = new byte[bytes.remaining()];
    bytes.duplicate().get(whole);
    blobs.put(name, whole);
  }

  /** Puts other bytes in a blob's place, as a bad disk does. */
  public void replace(BlobName name, byte[] bytes) {
    blobs.put(name, bytes.clone());
  }

  @Override
  public URI location() {
    return URI.create("memory:///test");
  }

  @Override
  public void close() {}
}
