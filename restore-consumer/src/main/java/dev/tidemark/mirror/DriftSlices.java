package dev.tidemark.mirror;

import dev.tidemark.apply.FrameSource;
import dev.tidemark.apply.LinkIdentity;
import dev.tidemark.apply.TargetDirectory;
import dev.tidemark.mirror.DriftCheck.Kind;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Looks for what others changed in the target while the mirror follows: a little twice a second,
 * all of it by and by, and after a rest again. By signatures, as {@link DriftCheck} does: the
 * mirror's own writes are in the state before it looks. For the mirror's thread.
 */
final class DriftSlices implements AutoCloseable {
  private static final int MOST_ENTRIES = 300;
  private static final Duration BETWEEN_SLICES = Duration.ofMillis(500);
  private static final int MOST_WAITING = 100_000;
  private static final Duration LONGEST_REST = Duration.ofHours(1);

  private final MirrorConfig config;
  private final DriftLog told;
  private final DriftCheck check;
  private final Rehash rehash;
  private final MirrorState state;
  private final InstantSource clock;
  private final Deque<NodePath> waiting = new ArrayDeque<>();
  private Duration rest;
  private long nextSliceMillis;
  private boolean isAsked;

  /**
   * @param lists where the lists of large files' chunks are
   */
  DriftSlices(
      MirrorConfig config,
      TargetDirectory target,
      MirrorState state,
      FrameSource lists,
      InstantSource clock)
      throws IOException {
    this.state = state;
    this.config = config;
    this.clock = clock;
    this.told = new DriftLog(config.tree());
    this.rehash = new Rehash(target, lists, config.drift().rehashPercent(), clock);
    this.check = new DriftCheck(target, state, config.writing().owners(), told, rehash::unchanged);
    this.rest = config.drift().interval();
    this.nextSliceMillis = clock.millis() + rest.toMillis();
  }

  /** Begins a pass now, if none is under way. */
  void beginPass() {
    isAsked = true;
  }

  /** Files that were read, and have other bytes: their signature is trusted no longer. */
  private void distrustRotten() throws IOException {
    for (Rehash.Candidate rotten : rehash.takeRotten()) {
      Optional<MirrorState.Place> place = state.placeOf(rotten.path());
      Optional<StateEntry> entry = place.isEmpty() ? Optional.empty() : state.find(place.get());
      if (entry.isPresent() && entry.get().signature().equals(rotten.signature())) {
        distrust(place.get(), entry.get());
        told.drifted(rotten.path(), Kind.CONTENT);
      }
    }
    if (!told.isEmpty()) {
      state.commit(state.cursor().orElseThrow());
    }
  }

  /** With its other names, which are the same bytes. */
  private void distrust(MirrorState.Place place, StateEntry entry) throws IOException {
    state.put(place, entry.withSignature(Signature.UNKNOWN));
    if (LinkIdentity.isShared(entry.node())) {
      for (LinkIndex.Key other : state.links().members(entry.node().metadata().linkGroup())) {
        Optional<StateEntry> same = state.find(other);
        if (same.isPresent() && same.get().signature().equals(entry.signature())) {
          state.put(
              new MirrorState.Place(other.directory(), other.name().toArray()),
              same.get().withSignature(Signature.UNKNOWN));
        }
      }
    }
  }

  /**
   * Looks at some directories; at none between two passes.
   *
   * @return how many entries are not as they were applied; then all is to be compared and mended
   */
  long look() throws IOException {
    distrustRotten();
    if (!told.isEmpty()) {
      return told.take();
    }
    boolean isDue = !config.drift().interval().isZero() && clock.millis() >= nextSliceMillis;
    if (!isDue && !isAsked || rehash.isBusy()) {
      return 0;
    }
    if (waiting.isEmpty()) {
      waiting.push(NodePath.ROOT);
      rehash.beginPass();
    }
    long until = check.entries() + MOST_ENTRIES;
    while (!waiting.isEmpty() && told.isEmpty() && check.entries() < until) {
      List<NodePath> below = check.checkEntriesOf(waiting.pop());
      for (NodePath directory : below) {
        // Past the bound the rest of a pass is left to the next one.
        if (waiting.size() < MOST_WAITING) {
          waiting.push(directory);
        }
      }
    }
    long found = told.take();
    if (found > 0) {
      // What cannot be mended must not keep the mirror comparing.
      waiting.clear();
      isAsked = false;
      rest = min(rest.multipliedBy(2), LONGEST_REST);
      nextSliceMillis = clock.millis() + rest.toMillis();
    } else if (waiting.isEmpty()) {
      isAsked = false;
      rest = config.drift().interval();
      nextSliceMillis = clock.millis() + rest.toMillis();
    } else {
      nextSliceMillis = clock.millis() + BETWEEN_SLICES.toMillis();
    }
    return found;
  }

  @Override
  public void close() {
    rehash.close();
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
