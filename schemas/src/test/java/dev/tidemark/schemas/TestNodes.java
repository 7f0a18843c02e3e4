package dev.tidemark.schemas;

import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;

/** Small nodes, told apart by a number. */
public final class TestNodes {
  private TestNodes() {}

  public static Node directory(int mark) {
    return new Node.Directory(metadata(mark));
  }

  public static Node file(int mark) {
    return new Node.File(metadata(mark), Content.EMPTY);
  }

  public static Node symlink(int mark) {
    return new Node.Symlink(metadata(mark), Bytes.ofText("target"));
  }

  private static Metadata metadata(int mark) {
    return Metadata.of(0644, mark, 0, new FileTime(mark, 0));
  }
}
