package dev.tidemark.schemas.tree;

import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.ExtendedAttribute;
import dev.tidemark.schemas.change.Node;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * SHA-256 of one entry: its name, everything of its node but where frames lie, and the sum of what
 * is in it. Numbers are big-endian; bytes and texts have their length, 4 bytes, before them.
 *
 * <pre>
 * field       bytes  meaning
 * version     1      {@link TreeDigest#VERSION}
 * name        4+n
 * kind        1      1 file, 2 directory, 3 symlink, 4 FIFO, 5 character device, 6 block device
 * mode        4
 * uid, gid    8 each
 * owner, group  4+n each, UTF-8
 * mtime       8, 4   seconds, nanos
 * link group  8
 * attributes  4, then name and value of each
 * file        8 size, 1 torn, 4 extents, then of each 1 kind, 8 bytes covered, 32 id unless a hole
 * directory   32     sum of its entries
 * symlink     4+n    target
 * device      4, 4   major, minor
 * </pre>
 */
public final class EntryDigest {
  private static final int EXPECTED_BYTES = 256;

  private EntryDigest() {}

  /**
   * @param name of the entry in its directory; empty for the root
   * @param below sum of what is in it; counts for a directory alone
   */
  public static TreeDigest of(byte[] name, Node node, TreeDigest below) {
    var bytes = new ByteArrayOutputStream(EXPECTED_BYTES);
    try (var out = new DataOutputStream(bytes)) {
      out.writeByte(TreeDigest.VERSION);
      write(out, name);
      out.writeByte(kind(node));
      writeMetadata(out, node.metadata());
      writeBody(out, node, below);
    } catch (IOException e) {
      throw new UncheckedIOException("bytes in memory can always be written", e);
    }
    return TreeDigest.of(sha256().digest(bytes.toByteArray()));
  }

  private static int kind(Node node) {
    return switch (node) {
      case Node.File _ -> 1;
      case Node.Directory _ -> 2;
      case Node.Symlink _ -> 3;
      case Node.Fifo _ -> 4;
      case Node.Device device ->
          switch (device.kind()) {
            case CHARACTER -> 5;
            case BLOCK -> 6;
          };
    };
  }

  private static void writeMetadata(DataOutputStream out, Metadata metadata) throws IOException {
    out.writeInt(metadata.mode());
    out.writeLong(metadata.uid());
    out.writeLong(metadata.gid());
    write(out, metadata.owner().getBytes(StandardCharsets.UTF_8));
    write(out, metadata.group().getBytes(StandardCharsets.UTF_8));
    out.writeLong(metadata.mtime().seconds());
    out.writeInt(metadata.mtime().nanos());
    out.writeLong(metadata.linkGroup());
    out.writeInt(metadata.attributes().size());
    for (ExtendedAttribute attribute : metadata.attributes()) {
      write(out, attribute.name().toArray());
      write(out, attribute.value().toArray());
    }
  }

  private static void writeBody(DataOutputStream out, Node node, TreeDigest below)
      throws IOException {
    switch (node) {
      case Node.File file -> {
        out.writeLong(file.content().size());
        out.writeBoolean(file.content().torn());
        out.writeInt(file.content().extents().size());
        for (Extent extent : file.content().extents()) {
          writeExtent(out, extent);
        }
      }
      case Node.Directory _ -> out.write(below.bytes());
      case Node.Symlink(Metadata _, Bytes target) -> write(out, target.toArray());
      case Node.Fifo _ -> {
        // Nothing but metadata.
      }
      case Node.Device device -> {
        out.writeInt(device.major());
        out.writeInt(device.minor());
      }
    }
  }

  private static void writeExtent(DataOutputStream out, Extent extent) throws IOException {
    switch (extent) {
      case Extent.Chunk chunk -> {
        out.writeByte(1);
        out.writeLong(chunk.bytes());
        out.write(chunk.id().bytes());
      }
      case Extent.Hole hole -> {
        out.writeByte(2);
        out.writeLong(hole.bytes());
      }
      case Extent.Nested nested -> {
        out.writeByte(3);
        out.writeLong(nested.bytes());
        out.write(nested.list().id().bytes());
      }
    }
  }

  private static void write(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
