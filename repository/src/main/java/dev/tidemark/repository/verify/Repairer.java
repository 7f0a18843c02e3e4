package dev.tidemark.repository.verify;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.index.ChunkIndex;
import dev.tidemark.repository.pack.Pack;
import dev.tidemark.repository.pack.PackEntry;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.pack.PackReader;
import dev.tidemark.repository.pack.PackedChunk;
import dev.tidemark.repository.schema.SchemaFiles;
import dev.tidemark.repository.snapshot.SnapshotStore;
import dev.tidemark.repository.treelog.SealedChangeStream;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.frame.CorruptFrameException;
import dev.tidemark.schemas.frame.Frame;
import dev.tidemark.schemas.frame.UnsupportedFrameException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets back what a damaged repository has lost, as far as it can be had. For one thread.
 *
 * <ol>
 *   <li>Everything is looked at and every byte read.
 *   <li>Lost changes are sealed again from the log outside, as {@link LogMender} has it; damaged
 *       segments of which nothing is needed go. Then everything is looked at once more.
 *   <li>Packs that no readable index blob names are indexed from the packs alone.
 *   <li>What is whole in damaged packs is stored again, in new packs.
 *   <li>Lost chunks are got from other places, each proved by its id, and stored in new packs.
 *   <li>The index lets go of packs that are damaged or missing.
 *   <li>Damaged packs and index blobs are deleted: nothing leads to them any more.
 *   <li>Damaged snapshots are deleted where the log gives the same trees; the next one is made from
 *       it.
 *   <li>Damaged announcements of clean-up and marks of merged segments are deleted, which needs
 *       that no clean-up runs, and schemas put again.
 *   <li>Everything is looked at again: what is still damaged stays lost.
 * </ol>
 *
 * Up to the sixth step things are only added, and nothing is deleted that holds anything that is
 * not stored elsewhere. So it may be interrupted at any point and run again, beside everything
 * else.
 */
public final class Repairer {
  private static final Logger log = LoggerFactory.getLogger(Repairer.class);
  private static final int PACK_BYTES = 16 << 20;

  private final Repository repository;
  private final ChunkIndex index;
  private final PackReader packs;
  private final Set<PackId> damaged = new HashSet<>();
  private final Set<PackId> made = new HashSet<>();

  /**
   * @param index that of {@code repository}
   */
  public Repairer(Repository repository, ChunkIndex index) {
    this.repository = repository;
    this.index = index;
    this.packs = new PackReader(repository.store());
  }

  /**
   * Repairs.
   *
   * @param sources asked in this order; each only for what those before it did not have
   * @param logged where lost changes may be had
   * @throws IOException if the store cannot be listed or written; run it again then
   */
  public RepairReport run(
      List<ChunkSource> sources, Optional<LoggedChanges> logged, VerifyProgress.Listener progress)
      throws IOException {
    VerifyOptions everything = VerifyOptions.of(VerifyMode.READ_DATA).withProgress(progress);
    Verifier verifier = new Verifier(repository.store(), index, repository::readChunk);
    Examination first = verifier.examine(everything, repository.trees());
    MendedLogs mended = mendLogs(first, logged);
    // What has come back names chunks that may be lost as well.
    Examination found =
        mended.isNothing() ? first : verifier.examine(everything, repository.trees());
    damaged.addAll(found.damagedPacks().keySet());
    int indexBlobs = index.rebuild();
    long salvaged = 0;
    for (Map.Entry<PackId, Set<ChunkId>> pack : found.damagedPacks().entrySet()) {
      salvaged += salvage(pack.getKey(), pack.getValue());
    }
    List<RepairReport.Found> fromOutside = new ArrayList<>();
    Set<ChunkId> lost = new HashSet<>(found.lost());
    for (ChunkSource source : sources) {
      fromOutside.add(fetch(source, lost));
    }
    Set<PackId> unusable = new HashSet<>(damaged);
    unusable.addAll(found.missingPacks());
    unusable.removeAll(made);
    index.storeRemade();
    indexBlobs += unusable.isEmpty() ? 0 : index.drop(unusable);
    for (var blob : found.damagedIndexBlobs()) {
      // One that could be made again as it was is whole by now.
      if (!index.isReadable(blob)) {
        repository.store().delete(blob);
      }
    }
    for (PackId pack : damaged) {
      if (!made.contains(pack)) {
        repository.store().delete(pack.blobName());
      }
    }
    int snapshots = dropSnapshots(found.damagedSnapshots());
    for (var blob : found.worthless()) {
      repository.store().delete(blob);
    }
    int schemas = new SchemaFiles(repository.store()).mend();
    index.refresh();
    // Every byte has just been read: what is left of that is sound.
    VerifyReport after =
        verifier.run(
            VerifyOptions.of(VerifyMode.STRUCTURE).withProgress(progress), repository.trees());
    return new RepairReport(
        first.report(),
        after,
        indexBlobs,
        damaged.size(),
        salvaged,
        fromOutside,
        lost,
        mended.segments(),
        mended.takenOut(),
        mended.notLogged(),
        snapshots,
        found.worthless().size(),
        schemas);
  }

  private record MendedLogs(int segments, int takenOut, List<String> notLogged) {
    boolean isNothing() {
      return segments == 0 && takenOut == 0;
    }
  }

  private MendedLogs mendLogs(Examination found, Optional<LoggedChanges> logged)
      throws IOException {
    int segments = 0;
    int takenOut = 0;
    List<String> notLogged = new ArrayList<>();
    for (TreeName tree : repository.trees()) {
      LogMender mender =
          new LogMender(
              repository,
              tree,
              logged,
              found.damagedSegments().getOrDefault(tree, Set.of()),
              found.damagedSnapshots().getOrDefault(tree, Set.of()));
      mender.run();
      segments += mender.made().size();
      takenOut += mender.takenOut();
      notLogged.addAll(mender.troubles());
    }
    return new MendedLogs(segments, takenOut, notLogged);
  }

  /** Stores again what is whole in a damaged pack, unless a sound pack holds it as well. */
  private long salvage(PackId pack, Set<ChunkId> whole) throws IOException {
    List<PackEntry> entries = new ArrayList<>();
    for (PackedChunk chunk : whole.isEmpty() ? List.<PackedChunk>of() : packs.salvage(pack)) {
      boolean elsewhere =
          index.findAll(chunk.id()).stream().anyMatch(at -> !damaged.contains(at.pack()));
      if (!elsewhere) {
        entries.add(new PackEntry(chunk.id(), packs.read(pack, chunk.position(), chunk.length())));
      }
    }
    storePack(entries);
    return entries.size();
  }

  /** A pack of the same chunks as a damaged one has its name, and takes its place in one step. */
  private void storePack(List<PackEntry> entries) throws IOException {
    if (entries.isEmpty()) {
      return;
    }
    Pack pack = Pack.encode(entries);
    if (damaged.contains(pack.id())) {
      repository.store().replace(pack.id().blobName(), ByteBuffer.wrap(pack.bytes()));
      index.add(pack);
      made.add(pack.id());
    } else {
      made.add(repository.storePack(entries).pack());
    }
  }

  /** Takes what a source has out of {@code lost} and stores it. */
  private RepairReport.Found fetch(ChunkSource source, Set<ChunkId> lost) throws IOException {
    if (lost.isEmpty()) {
      return new RepairReport.Found(source.name(), 0, "");
    }
    int before = lost.size();
    NewPacks packing = new NewPacks(lost);
    String trouble = "";
    try {
      source.find(Set.copyOf(lost), packing::add);
    } catch (StoringFailedException e) {
      throw e.failure;
    } catch (IOException e) {
      log.atWarn()
          .addKeyValue("source", source.name())
          .setCause(e)
          .log("source of lost chunks cannot be read");
      trouble = String.valueOf(e.getMessage());
    }
    packing.store();
    return new RepairReport.Found(source.name(), before - lost.size(), trouble);
  }

  /** Failures of the repository, told apart from those of a source. */
  private static final class StoringFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final IOException failure;

    StoringFailedException(IOException failure) {
      super(failure);
      this.failure = failure;
    }
  }

  /** Gathers chunks into packs. */
  private final class NewPacks {
    private final Set<ChunkId> lost;
    private final List<PackEntry> entries = new ArrayList<>();
    private long bytes;

    NewPacks(Set<ChunkId> lost) {
      this.lost = lost;
    }

    void add(PackEntry entry) throws IOException {
      if (!lost.contains(entry.id()) || !isSound(entry)) {
        return;
      }
      lost.remove(entry.id());
      entries.add(entry);
      bytes += entry.frame().length;
      if (bytes >= PACK_BYTES) {
        try {
          store();
        } catch (IOException e) {
          throw new StoringFailedException(e);
        }
      }
    }

    private boolean isSound(PackEntry entry) {
      try {
        Frame.decode(entry.id(), entry.frame());
        return true;
      } catch (CorruptFrameException | UnsupportedFrameException other) {
        log.atDebug().addKeyValue("chunk", entry.id()).setCause(other).log("not this chunk");
        return false;
      }
    }

    void store() throws IOException {
      storePack(entries);
      entries.clear();
      bytes = 0;
    }
  }

  private int dropSnapshots(Map<TreeName, Set<Long>> damaged) throws IOException {
    int dropped = 0;
    for (Map.Entry<TreeName, Set<Long>> ofTree : damaged.entrySet()) {
      TreeName tree = ofTree.getKey();
      SnapshotStore snapshots = repository.snapshots(tree);
      List<Long> sound =
          snapshots.sequences().stream().filter(s -> !ofTree.getValue().contains(s)).toList();
      for (long sequence : ofTree.getValue()) {
        long base = sound.stream().filter(s -> s < sequence).reduce((_, later) -> later).orElse(0L);
        if (reaches(tree, base, sequence)) {
          snapshots.delete(sequence);
          dropped++;
        }
      }
    }
    return dropped;
  }

  /** Whether the log leads from one sequence to another without a hole. */
  private boolean reaches(TreeName tree, long from, long to) {
    try (SealedChangeStream changes = repository.log(tree).read(from, to)) {
      long last = from;
      for (var next = changes.next(); next.isPresent(); next = changes.next()) {
        last = next.get().sequence();
      }
      return last == to;
    } catch (IOException e) {
      log.atInfo()
          .addKeyValue("tree", tree)
          .addKeyValue("sequence", to)
          .setCause(e)
          .log("damaged snapshot stays, the log does not make up for it");
      return false;
    }
  }
}
