package dev.tidemark.mirror;

import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.codec.Records;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What a mirror knows of one entry that it applied.
 *
 * <pre>
 * field           bytes   meaning
 * version         1       1
 * sequence        1-9     LEB128, as are the next five: the change that last put or moved this entry
 * kept sequence   1-9     the change that last moved it or kept it in a full scan, 0 if none did
 * directory id    1-9     under which the entries in it are listed; 0 if it is no directory
 * inode           1-10    signature, with the two below
 * ctime seconds   1-10
 * ctime nanos     1-5
 * node            rest    single-object encoding
 * </pre>
 */
record StateEntry(
    long sequence, long keptSequence, long directoryId, Signature signature, Node node) {
  private static final byte VERSION = 1;
  private static final int MAX_HEADER_BYTES = 1 + 6 * 10;

  boolean isDirectory() {
    return directoryId != 0;
  }

  StateEntry moved(long newSequence, Signature newSignature) {
    return new StateEntry(newSequence, newSequence, directoryId, newSignature, node);
  }

  StateEntry kept(long newSequence) {
    return new StateEntry(sequence, newSequence, directoryId, signature, node);
  }

  StateEntry withSignature(Signature newSignature) {
    return new StateEntry(sequence, keptSequence, directoryId, newSignature, node);
  }

  /** A device that could not be made on this host: nothing stands at its name. */
  boolean isUnmade() {
    return node instanceof Node.Device && signature.equals(Signature.UNKNOWN);
  }

  byte[] encode() {
    byte[] encodedNode = Records.encode(node);
    ByteBuffer out = ByteBuffer.allocate(MAX_HEADER_BYTES + encodedNode.length);
    out.put(VERSION);
    putNumber(out, sequence);
    putNumber(out, keptSequence);
    putNumber(out, directoryId);
    putNumber(out, signature.inode());
    putNumber(out, signature.ctimeSeconds());
    putNumber(out, signature.ctimeNanos());
    out.put(encodedNode);
    return Arrays.copyOf(out.array(), out.position());
  }

  static StateEntry decode(byte[] bytes) throws IOException {
    if (bytes.length == 0 || bytes[0] != VERSION) {
      throw new IOException(
          "An entry of the mirror's state is of a version that this Tidemark does not read. Use the"
              + " newer one, or remove the state folder to begin again from the repository.");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes).position(1);
    long sequence = number(in);
    long keptSequence = number(in);
    long directoryId = number(in);
    Signature signature = new Signature(number(in), number(in), Math.toIntExact(number(in)));
    byte[] node = Arrays.copyOfRange(bytes, in.position(), bytes.length);
    return new StateEntry(sequence, keptSequence, directoryId, signature, Records.decodeNode(node));
  }

  private static void putNumber(ByteBuffer out, long number) {
    long rest = number;
    while ((rest & ~0x7fL) != 0) {
      out.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
  }

  private static long number(ByteBuffer in) {
    long number = 0;
    int shift = 0;
    byte b;
    do {
      b = in.get();
      number |= (long) (b & 0x7f) << shift;
      shift += 7;
    } while (b < 0);
    return number;
  }
}
