package dev.tidemark.cli;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.pack.PackEntry;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkBounds;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Verdict;
import dev.tidemark.schemas.frame.Frame;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.UUID;

/** A repository with a tree named web, a segment for each change. */
public final class WrittenRepository implements AutoCloseable {
  static final TreeName WEB = new TreeName("web");
  private static final Metadata METADATA = Metadata.of(0755, 0, 0, new Metadata.FileTime(1, 0));
  private static final UUID WRITER = new UUID(3, 4);

  private final Repository repository;
  private Cursor cursor = Cursor.start(new UUID(5, 6), 0, 0);
  private int count;

  private WrittenRepository(Repository repository) {
    this.repository = repository;
  }

  public static WrittenRepository create(Path folder) throws IOException {
    return create(folder.toString());
  }

  /** The same anywhere. */
  public static WrittenRepository create(String url) throws IOException {
    return new WrittenRepository(
        Repository.create(
            Repository.openStore(url),
            new RepositoryDescriptor(
                new UUID(1, 2),
                RepositoryDescriptor.FORMAT_VERSION,
                0,
                ChunkBounds.DEFAULT,
                Bytes.of(new byte[RepositoryDescriptor.SEED_BYTES]),
                8,
                4)));
  }

  public static Node directory() {
    return new Node.Directory(METADATA);
  }

  /** A file of one chunk, which is in a pack of its own. */
  public Node file(String text) throws IOException {
    return file(text, 1);
  }

  /** A file of the same chunk, over and over. */
  public Node file(String text, int times) throws IOException {
    byte[] plain = text.getBytes(StandardCharsets.UTF_8);
    ChunkId id = ChunkId.computeOf(plain);
    repository.storePack(List.of(new PackEntry(id, Frame.store(plain, 0, plain.length))));
    Extent extent = new Extent.Chunk(id, plain.length, FramePosition.UNKNOWN);
    return new Node.File(
        METADATA,
        new Content((long) plain.length * times, Collections.nCopies(times, extent), false));
  }

  /** Seals a change; the first begins the epoch. */
  public void change(long logTimeMillis, Change.Body body) throws IOException {
    Change change =
        new Change(
            WEB,
            count == 0 ? Change.NO_EPOCH : 0,
            count,
            WRITER,
            0,
            Change.Cause.LIVE,
            Change.Frames.NONE,
            body);
    if (!(cursor.accept(change, count, logTimeMillis) instanceof Verdict.Accepted accepted)) {
      throw new IllegalArgumentException("change %d does not fit: %s".formatted(count, body));
    }
    cursor = accepted.next();
    SealedChange.Origin origin =
        new SealedChange.Origin(cursor.changesTopic(), 0, count, cursor.epoch());
    repository
        .log(WEB)
        .append(
            List.of(new SealedChange(cursor.sequence(), logTimeMillis, origin, change)), cursor);
    count++;
  }

  @Override
  public void close() throws IOException {
    repository.close();
  }
}
