package dev.tidemark.repository.cleanup;

import static dev.tidemark.repository.TestData.entry;
import static dev.tidemark.repository.TestData.idOf;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.SimulatedTree;
import dev.tidemark.repository.pack.PackEntry;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The chunk-store as clean-up meets it: it drops bodies that it knows, has others pending until
 * they are packed, and forgets chunks on demand. Its memory may be lost; its log is not.
 */
public final class SimulatedOwner implements ChunkOwners {
  /** Who answers. */
  public enum Answering {
    YES,
    NOBODY
  }

  private final InstantSource clock;
  private final List<SimulatedTree> trees = new ArrayList<>();
  private final List<Long> appendTimes = new ArrayList<>();
  private final Map<ChunkId, Long> lastNaming = new HashMap<>();
  private final Map<ChunkId, PackEntry> pending = new LinkedHashMap<>();
  private Answering answering = Answering.YES;

  public SimulatedOwner(InstantSource clock) {
    this.clock = clock;
  }

  public void add(SimulatedTree tree) {
    trees.add(tree);
  }

  public void answer(Answering who) {
    answering = who;
  }

  /** Takes a frame off the log. */
  public void take(String text) {
    long offset = appendTimes.size();
    appendTimes.add(clock.millis());
    if (lastNaming.put(idOf(text), offset) == null) {
      pending.put(idOf(text), entry(text));
    }
  }

  /** Whether a body of this text would be dropped. */
  public boolean knows(String text) {
    return lastNaming.containsKey(idOf(text));
  }

  /** Packs what is pending, and seals all trees. After a failure it is done again later. */
  public void flush(Repository repository) throws IOException {
    if (!pending.isEmpty()) {
      repository.storePack(List.copyOf(pending.values()));
      pending.clear();
    }
    for (SimulatedTree tree : trees) {
      tree.seal(repository);
    }
  }

  /** Loses its state, and takes what it knows from the repository's index. */
  public void startOver(Repository repository) throws IOException {
    repository.refresh();
    lastNaming.clear();
    repository.forEachChunk(id -> lastNaming.put(id, -1L));
    resume(repository);
  }

  /** What is in a pack that stays is no longer pending, whoever put it there. */
  public void resume(Repository repository) throws IOException {
    repository.refresh();
    for (ChunkId id : List.copyOf(pending.keySet())) {
      if (repository.contains(id)) {
        pending.remove(id);
      }
      lastNaming.put(id, appendTimes.size() - 1L);
    }
  }

  @Override
  public Cut cut(Duration grace) {
    long before = clock.millis() - grace.toMillis();
    long basis = appendTimes.stream().filter(time -> time < before).count() - 1;
    return new Cut() {
      @Override
      public void forEachUnsealed(ChangeReader reader) throws IOException {
        for (SimulatedTree tree : trees) {
          for (SealedChange change : tree.unsealed()) {
            reader.read(change.change());
          }
        }
      }

      @Override
      public Answers condemn(List<ChunkId> chunks) {
        Set<ChunkId> released = new HashSet<>();
        Set<ChunkId> refused = new HashSet<>();
        for (ChunkId id : answering == Answering.YES ? chunks : List.<ChunkId>of()) {
          long last = lastNaming.getOrDefault(id, -1L);
          if (pending.containsKey(id) || last > basis) {
            refused.add(id);
          } else {
            lastNaming.remove(id);
            released.add(id);
          }
        }
        return new Answers(released, refused);
      }
    };
  }
}
