package dev.tidemark.mirror;

import dev.tidemark.schemas.change.NodePath;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Paths as the state keeps them: their number, then for each its length and its bytes; big-endian.
 */
final class PathList {
  private PathList() {}

  static byte[] encode(Collection<NodePath> paths) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(paths.size());
      for (NodePath path : paths) {
        out.writeInt(path.length());
        out.write(path.bytes());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("an array of bytes takes all", e);
    }
    return bytes.toByteArray();
  }

  static List<NodePath> decode(byte[] bytes) throws IOException {
    List<NodePath> paths = new ArrayList<>();
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int count = in.readInt();
      for (int i = 0; i < count; i++) {
        byte[] path = new byte[in.readInt()];
        in.readFully(path);
        paths.add(path.length == 0 ? NodePath.ROOT : NodePath.of(path));
      }
    }
    return paths;
  }
}
