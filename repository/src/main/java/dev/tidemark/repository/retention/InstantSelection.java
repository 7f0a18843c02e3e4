package dev.tidemark.repository.retention;

import dev.tidemark.repository.retention.RetentionPolicy.Period;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Chooses from instants that are shown in order, oldest first. Holds what it has chosen, not what
 * it was shown. Owned by one thread.
 */
final class InstantSelection {
  /**
   * An instant of the history.
   *
   * @param base the newest instant at or before it of which a snapshot may be taken: itself, but
   *     between the marks of a full scan
   * @param tag its label, if it is a tag
   * @param held whether somebody forbids that it goes
   */
  record Candidate(
      long sequence, long logTimeMillis, long base, Optional<String> tag, boolean held) {
    boolean isBase() {
      return base == sequence;
    }
  }

  /**
   * A candidate that is chosen, with the reasons.
   *
   * @param tagged whether its change must stay in the log, so that its name is found
   */
  record Chosen(long sequence, long logTimeMillis, long base, boolean tagged, List<String> why) {}

  private record Last(long period, Candidate instant) {}

  private final RetentionPolicy policy;
  private final long windowMillis;
  private final Map<Period, Deque<Last>> lasts = new EnumMap<>(Period.class);
  private final TreeMap<Long, Chosen> named = new TreeMap<>();
  private Optional<Candidate> beforeWindow = Optional.empty();

  /**
   * @param windowMillis log time after which everything is kept
   */
  InstantSelection(RetentionPolicy policy, long windowMillis) {
    this.policy = policy;
    this.windowMillis = windowMillis;
    policy.periods().forEach(period -> lasts.put(period, new ArrayDeque<>()));
  }

  void show(Candidate candidate) {
    if (candidate.logTimeMillis() <= windowMillis) {
      beforeWindow = Optional.of(candidate);
    }
    candidate.tag().ifPresent(label -> name(candidate, "tag:" + label, true));
    if (candidate.held()) {
      name(candidate, "hold", candidate.tag().isPresent());
    }
    // Halfway through a full scan a tree is a mixture that nobody would ask for by the clock.
    if (candidate.isBase()) {
      ZonedDateTime time = Instant.ofEpochMilli(candidate.logTimeMillis()).atZone(policy.zone());
      lasts.forEach((period, deque) -> count(period, deque, candidate, time));
    }
  }

  private void count(Period period, Deque<Last> deque, Candidate candidate, ZonedDateTime time) {
    long of = period.of(time);
    if (!deque.isEmpty() && deque.getLast().period() == of) {
      deque.removeLast();
    }
    deque.addLast(new Last(of, candidate));
    if (deque.size() > policy.count(period)) {
      deque.removeFirst();
    }
  }

  private void name(Candidate candidate, String reason, boolean tagged) {
    named.merge(candidate.sequence(), chosen(candidate, reason, tagged), InstantSelection::join);
  }

  private static Chosen chosen(Candidate candidate, String reason, boolean tagged) {
    return new Chosen(
        candidate.sequence(), candidate.logTimeMillis(), candidate.base(), tagged, List.of(reason));
  }

  private static Chosen join(Chosen first, Chosen second) {
    List<String> why = new ArrayList<>(first.why());
    why.addAll(second.why());
    return new Chosen(
        first.sequence(),
        first.logTimeMillis(),
        first.base(),
        first.tagged() || second.tagged(),
        why);
  }

  /**
   * The instant from which on all is kept: the tree as it stood when the window begins. Empty if
   * the window holds everything.
   */
  Optional<Long> windowBase() {
    return beforeWindow.map(Candidate::base).filter(base -> base > 0);
  }

  /** What is chosen up to the window's base, ascending. */
  List<Chosen> beforeWindow() {
    TreeMap<Long, Chosen> all = new TreeMap<>(named);
    lasts.forEach(
        (period, deque) ->
            deque.forEach(
                last ->
                    all.merge(
                        last.instant().sequence(),
                        chosen(last.instant(), period.reason(), false),
                        InstantSelection::join)));
    long base = windowBase().orElse(0L);
    return List.copyOf(all.headMap(base, true).values());
  }
}
