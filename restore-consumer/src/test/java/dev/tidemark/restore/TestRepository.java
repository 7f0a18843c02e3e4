package dev.tidemark.restore;

import dev.tidemark.apply.TestFrames;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.pack.PackEntry;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.change.SealedChange.Origin;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkBounds;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** A repository in a folder into which accepted changes are sealed. */
public final class TestRepository implements AutoCloseable {
  private final Path folder;
  private final Repository repository;
  private final Set<ChunkId> stored = new HashSet<>();

  private TestRepository(Path folder, Repository repository) {
    this.folder = folder;
    this.repository = repository;
  }

  public static TestRepository create(Path folder) throws IOException {
    var descriptor =
        new RepositoryDescriptor(
            new UUID(3, 3),
            RepositoryDescriptor.FORMAT_VERSION,
            0,
            ChunkBounds.DEFAULT,
            Bytes.of(new byte[RepositoryDescriptor.SEED_BYTES]),
            4,
            2);
    return new TestRepository(
        folder, Repository.create(Repository.openStore(folder.toString()), descriptor));
  }

  public String url() {
    return folder.toString();
  }

  public Path folder() {
    return folder;
  }

  public Repository repository() {
    return repository;
  }

  /** Stores every frame that is not yet, in packs of some number. */
  public void store(TestFrames frames, int perPack) throws IOException {
    List<PackEntry> pack = new ArrayList<>();
    for (Map.Entry<ChunkId, byte[]> frame : frames.all().entrySet()) {
      if (stored.add(frame.getKey())) {
        pack.add(new PackEntry(frame.getKey(), frame.getValue()));
        if (pack.size() == perPack) {
          repository.storePack(pack);
          pack.clear();
        }
      }
    }
    if (!pack.isEmpty()) {
      repository.storePack(pack);
    }
  }

  /** Seals changes, as accepted with these cursors. */
  public void seal(TreeName tree, List<Sealable> changes) throws IOException {
    List<SealedChange> sealed = new ArrayList<>();
    for (Sealable change : changes) {
      Cursor after = change.after();
      sealed.add(
          new SealedChange(
              after.sequence(),
              after.logTimeMillis(),
              new Origin(
                  after.changesTopic(), after.partition(), after.lastOffset(), after.epoch()),
              change.change()));
    }
    repository.log(tree).append(sealed, changes.getLast().after());
  }

  /** A change and where a reader stands after it. */
  public record Sealable(Change change, Cursor after) {}

  @Override
  public void close() throws IOException {
    repository.close();
  }
}
