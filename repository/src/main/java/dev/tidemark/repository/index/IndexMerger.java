package dev.tidemark.repository.index;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.blob.DurablePut;
import dev.tidemark.repository.blob.Grace;
import dev.tidemark.repository.blob.UnnamedFile;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32C;

/**
 * Makes one index blob of several, without some packs. The entries of all go side by side, in the
 * order of the ids, into a file without a name, so that memory holds the names of the packs and
 * little else. All entries of a pack stay in one blob. For one thread.
 */
final class IndexMerger {
  /** Bounds a merged blob at 1.5 GB. */
  static final int MAX_ENTRIES = 1 << 25;

  private static final int BUFFER_BYTES = 1 << 20;

  private final BlobStore store;
  private final Optional<Grace> grace;

  /** For the one who takes packs out of the index. */
  IndexMerger(BlobStore store) {
    this.store = store;
    this.grace = Optional.empty();
  }

  /**
   * @param grace begun before it was known which packs are announced: later nothing is put
   */
  IndexMerger(BlobStore store, Grace grace) {
    this.store = store;
    this.grace = Optional.of(grace);
  }

  /** A place in one of the blobs, with where its packs stand in the new one. */
  private static final class Source implements Comparable<Source> {
    private final IndexBlob blob;

    /** By the place of a pack in its blob; −1 if it is dropped. */
    private final int[] packs;

    private int next = -1;
    private ByteBuffer entry = ByteBuffer.allocate(0);
    private int pack;

    Source(IndexBlob blob, Map<PackId, Integer> places) {
      this.blob = blob;
      this.packs = blob.packs().stream().mapToInt(p -> places.getOrDefault(p, -1)).toArray();
    }

    /** Goes on to the next entry that stays. */
    boolean advance() {
      do {
        next++;
        if (next == blob.size()) {
          return false;
        }
        entry = blob.entryBytes(next);
        pack = packs[entry.getInt(ChunkId.BYTES)];
      } while (pack < 0);
      return true;
    }

    @Override
    public int compareTo(Source other) {
      for (int at = 0; at < ChunkId.BYTES; at += Long.BYTES) {
        int order = Long.compareUnsigned(entry.getLong(at), other.entry.getLong(at));
        if (order != 0) {
          return order;
        }
      }
      int order = Integer.compare(pack, other.pack);
      return order == 0 ? Integer.compare(position(), other.position()) : order;
    }

    private int position() {
      return entry.getInt(ChunkId.BYTES + 4);
    }
  }

  /**
   * Merges blobs, each of which is read once, and puts the result; durable on return.
   *
   * @return empty if no pack is left
   */
  Optional<BlobName> merge(List<IndexBlob> blobs, Set<PackId> dropped) throws IOException {
    TreeSet<PackId> packs = new TreeSet<>();
    blobs.forEach(blob -> packs.addAll(blob.packs()));
    packs.removeAll(dropped);
    if (packs.isEmpty()) {
      return Optional.empty();
    }
    try (FileChannel channel = UnnamedFile.open()) {
      ByteBuffer encoded = write(channel, blobs, packs);
      BlobName name =
          new BlobName(IndexBlob.FOLDER + ContentHash.compute(encoded) + IndexBlob.SUFFIX);
      if (grace.filter(Grace::isOver).isPresent()) {
        throw new IOException(
            "Merging %d index blobs took more than %d hours. Nothing was put; the next attempt begins anew."
                .formatted(blobs.size(), Grace.TO_REFER.toHours()));
      }
      DurablePut.put(store, name, encoded);
      return Optional.of(name);
    }
  }

  private static ByteBuffer write(FileChannel channel, List<IndexBlob> blobs, Set<PackId> packs)
      throws IOException {
    Map<PackId, Integer> places = HashMap.newHashMap(packs.size());
    packs.forEach(pack -> places.put(pack, places.size()));
    int headBytes =
        IndexBlob.HEADER_BYTES + packs.size() * ContentHash.BYTES + IndexBlob.FAN_OUT_BYTES;
    int[] counts = new int[256];
    channel.position(headBytes);
    writeEntries(channel, blobs, places, counts);
    ByteBuffer head = ByteBuffer.allocate(headBytes);
    int entries = 0;
    for (int count : counts) {
      entries += count;
    }
    head.putInt(IndexBlob.MAGIC).putShort(IndexBlob.VERSION).putShort((short) 0);
    head.putInt(packs.size()).putInt(entries);
    packs.forEach(pack -> head.put(pack.hash().bytes()));
    int end = 0;
    for (int count : counts) {
      end += count;
      head.putInt(end);
    }
    writeFully(channel, head.flip(), 0);
    long covered = channel.size();
    CRC32C checksum = new CRC32C();
    checksum.update(channel.map(FileChannel.MapMode.READ_ONLY, 0, covered));
    ByteBuffer tail = ByteBuffer.allocate(IndexBlob.CHECKSUM_BYTES);
    tail.putInt((int) checksum.getValue());
    writeFully(channel, tail.flip(), covered);
    return channel.map(FileChannel.MapMode.READ_ONLY, 0, covered + IndexBlob.CHECKSUM_BYTES);
  }

  private static void writeEntries(
      FileChannel channel, List<IndexBlob> blobs, Map<PackId, Integer> places, int[] counts)
      throws IOException {
    PriorityQueue<Source> sources = new PriorityQueue<>();
    for (IndexBlob blob : blobs) {
      Source source = new Source(blob, places);
      if (source.advance()) {
        sources.add(source);
      }
    }
    ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES);
    ByteBuffer last = ByteBuffer.allocate(IndexBlob.ENTRY_BYTES);
    ByteBuffer entry = ByteBuffer.allocate(IndexBlob.ENTRY_BYTES);
    boolean any = false;
    while (!sources.isEmpty()) {
      Source source = sources.remove();
      entry.clear();
      entry.put(source.entry.duplicate()).putInt(ChunkId.BYTES, source.pack).flip();
      if (source.advance()) {
        sources.add(source);
      }
      // Two blobs may tell of one pack.
      if (any && entry.equals(last)) {
        continue;
      }
      any = true;
      last.clear().put(entry.duplicate()).flip();
      counts[entry.get(0) & 0xff]++;
      if (out.remaining() < IndexBlob.ENTRY_BYTES) {
        writeFully(channel, out.flip());
        out.clear();
      }
      out.put(entry);
    }
    writeFully(channel, out.flip());
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes, long position)
      throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes, position + bytes.position());
    }
  }

  /**
   * Makes blobs without some packs. The new ones are durable before the old ones go.
   *
   * @return how many were made
   */
  int replace(List<IndexBlob> blobs, Set<PackId> dropped) throws IOException {
    Set<BlobName> made = new HashSet<>();
    List<IndexBlob> group = new ArrayList<>();
    long entries = 0;
    for (IndexBlob blob : blobs) {
      if (!group.isEmpty() && entries + blob.size() > MAX_ENTRIES) {
        merge(group, dropped).ifPresent(made::add);
        group.clear();
        entries = 0;
      }
      group.add(blob);
      entries += blob.size();
    }
    if (!group.isEmpty()) {
      merge(group, dropped).ifPresent(made::add);
    }
    // Only now: until the last new blob is durable, the old ones alone tell of its packs.
    store.deleteAll(
        blobs.stream().map(IndexBlob::name).filter(name -> !made.contains(name)).toList());
    return made.size();
  }
}
