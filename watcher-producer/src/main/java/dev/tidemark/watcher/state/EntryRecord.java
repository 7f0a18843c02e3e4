package dev.tidemark.watcher.state;

import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.codec.UnreadableRecordException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the state store holds of one entry as published. The node is decoded only when asked for.
 *
 * <pre>
 * field               bytes  meaning
 * version             1      2
 * flags               1      bit 0 racy, bit 1 the node has a link group
 * directory id        1-10   unsigned LEB128 as all below; 0 unless it is a directory
 * chunks generation   1-5    which chunks topic the node's positions belong to
 * size                1-10
 * mtime seconds       1-10   zigzag
 * mtime nanos         1-5
 * ctime seconds       1-10   zigzag
 * ctime nanos         1-5
 * inode               1-10
 * needs               1-5    count; then partition and offset of each: only for files with nested extents
 * node                rest   single-object encoded
 * </pre>
 */
public final class EntryRecord {
  private static final byte VERSION = 2;
  private static final int RACY = 1;
  private static final int LINKED = 2;

  private final long directoryId;
  private final Signature signature;
  private final boolean racy;
  private final boolean linked;
  private final int generation;
  private final List<FramePosition> nestedNeeds;
  private final byte[] node;
  private @Nullable Node decoded;

  private EntryRecord(
      long directoryId,
      Signature signature,
      boolean racy,
      boolean linked,
      int generation,
      List<FramePosition> nestedNeeds,
      byte[] node) {
    this.directoryId = directoryId;
    this.signature = signature;
    this.racy = racy;
    this.linked = linked;
    this.generation = generation;
    this.nestedNeeds = nestedNeeds;
    this.node = node;
  }

  public static EntryRecord ofDirectory(long id, Signature signature, Node.Directory node) {
    EntryRecord record =
        new EntryRecord(id, signature, false, false, 0, List.of(), Records.encode(node));
    record.decoded = node;
    return record;
  }

  /**
   * @param racy a change that followed the read at once would not show in the signature
   * @param generation of the chunks topic in which the node's positions lie
   * @param nestedNeeds what a node with nested extents needs, as its top list does not show it;
   *     else empty
   */
  public static EntryRecord of(
      Signature signature,
      boolean racy,
      int generation,
      List<FramePosition> nestedNeeds,
      Node node) {
    EntryRecord record =
        new EntryRecord(
            0,
            signature,
            racy,
            node.metadata().linkGroup() != 0,
            generation,
            List.copyOf(nestedNeeds),
            Records.encode(node));
    record.decoded = node;
    return record;
  }

  /** The same node seen with another signature. */
  public EntryRecord withSignature(Signature newSignature, boolean newRacy) {
    return new EntryRecord(
        directoryId, newSignature, newRacy, linked, generation, nestedNeeds, node);
  }

  public boolean isDirectory() {
    return directoryId != 0;
  }

  /** Our own id of the directory; 0 if it is none. */
  public long directoryId() {
    return directoryId;
  }

  public Signature signature() {
    return signature;
  }

  public boolean isRacy() {
    return racy;
  }

  /** Whether it was published as one of several names of an inode. */
  public boolean isLinked() {
    return linked;
  }

  public int generation() {
    return generation;
  }

  public List<FramePosition> nestedNeeds() {
    return nestedNeeds;
  }

  public Node node() throws UnreadableRecordException {
    // Nodes are immutable: two threads that decode the same one do no harm.
    Node known = decoded;
    if (known == null) {
      known = Records.decodeNode(node);
      decoded = known;
    }
    return known;
  }

  byte[] encode() {
    Varints out = new Varints(64 + node.length);
    out.write(VERSION).write((racy ? RACY : 0) | (linked ? LINKED : 0));
    out.unsigned(directoryId).unsigned(generation).unsigned(signature.size());
    out.signed(signature.mtimeSeconds()).unsigned(signature.mtimeNanos());
    out.signed(signature.ctimeSeconds()).unsigned(signature.ctimeNanos());
    out.unsigned(signature.inode());
    out.unsigned(nestedNeeds.size());
    for (FramePosition need : nestedNeeds) {
      out.unsigned(need.partition()).unsigned(need.offset());
    }
    return out.bytes(node);
  }

  static EntryRecord decode(byte[] bytes) throws UnreadableRecordException {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (bytes.length < 2 || in.get() != VERSION) {
      throw new UnreadableRecordException(
          "an entry of the state store in another version, or damaged: %d bytes"
              .formatted(bytes.length));
    }
    try {
      byte flags = in.get();
      boolean racy = (flags & RACY) != 0;
      boolean linked = (flags & LINKED) != 0;
      long directoryId = Varints.unsigned(in);
      int generation = (int) Varints.unsigned(in);
      Signature signature =
          new Signature(
              Varints.unsigned(in),
              Varints.signed(in),
              (int) Varints.unsigned(in),
              Varints.signed(in),
              (int) Varints.unsigned(in),
              Varints.unsigned(in));
      int count = (int) Varints.unsigned(in);
      List<FramePosition> needs = count == 0 ? List.of() : new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        needs.add(new FramePosition((int) Varints.unsigned(in), Varints.unsigned(in)));
      }
      byte[] node = new byte[in.remaining()];
      in.get(node);
      return new EntryRecord(directoryId, signature, racy, linked, generation, needs, node);
    } catch (java.nio.BufferUnderflowException e) {
      throw new UnreadableRecordException("an entry of the state store is cut short", e);
    }
  }

  /** LEB128 numbers. */
  static final class Varints {
    private final ByteArrayOutputStream out;

    Varints(int expected) {
      out = new ByteArrayOutputStream(expected);
    }

    Varints write(int b) {
      out.write(b);
      return this;
    }

    Varints unsigned(long value) {
      long rest = value;
      while ((rest & ~0x7fL) != 0) {
        out.write((int) (rest & 0x7f | 0x80));
        rest >>>= 7;
      }
      out.write((int) rest);
      return this;
    }

    Varints signed(long value) {
      return unsigned(value << 1 ^ value >> 63);
    }

    byte[] bytes(byte[] tail) {
      out.writeBytes(tail);
      return out.toByteArray();
    }

    byte[] bytes() {
      return out.toByteArray();
    }

    static long unsigned(ByteBuffer in) {
      long value = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        byte b = in.get();
        value |= (long) (b & 0x7f) << shift;
        if (b >= 0) {
          break;
        }
      }
      return value;
    }

    static long signed(ByteBuffer in) {
      long value = unsigned(in);
      return value >>> 1 ^ -(value & 1);
    }
  }
}
