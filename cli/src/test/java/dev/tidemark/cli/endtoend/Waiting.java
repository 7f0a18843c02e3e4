package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemark.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Waits for conditions of trees and processes, each with a deadline. */
final class Waiting {
  static final Duration LIMIT = Duration.ofSeconds(90);
  private static final ObjectMapper JSON = new ObjectMapper();

  private Waiting() {}

  /** Until two directories hold the same; the failure names what differs. */
  static void untilEqual(Path one, Path other) throws IOException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    List<String> differences = List.of("not compared yet");
    while (System.nanoTime() < deadline) {
      Optional<TreeOracle> first = TreeOracle.tryOf(one);
      Optional<TreeOracle> second = TreeOracle.tryOf(other);
      if (first.isPresent() && second.isPresent()) {
        differences = first.get().differences(second.get());
        if (differences.isEmpty()) {
          return;
        }
      }
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
    }
    assertThat(differences).as("%s and %s still differ after %s", one, other, LIMIT).isEmpty();
  }

  /**
   * Until all that is in the log of a tree is in the repository; gives the tree's state. What a
   * standby has applied is in the log, also while no chunk-store tells of it.
   */
  static JsonNode untilSealed(String tree, String... where) throws IOException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    JsonNode state = JSON.createObjectNode();
    while (System.nanoTime() < deadline) {
      // What was on its way to the log, or to the catalogue that tells of it, is there by then.
      LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
      state = status(tree, where);
      long sealed = state.path("sealedSequence").asLong(-2);
      long applied = state.path("standbys").path(0).path("appliedSequence").asLong(0);
      if (state.path("lastSequence").asLong(-1) == sealed && applied <= sealed) {
        return state;
      }
    }
    assertThat(state).as("not sealed after %s", LIMIT).isNull();
    return state;
  }

  /** Until the standby has applied all that is known to be in the log; gives its sequence. */
  static long untilApplied(String tree, String... where) throws IOException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    JsonNode state = JSON.createObjectNode();
    while (System.nanoTime() < deadline) {
      // What was on its way to the log, or to the catalogue that tells of it, is there by then.
      LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
      state = status(tree, where);
      long applied = state.path("standbys").path(0).path("appliedSequence").asLong(-1);
      if (applied >= state.path("lastSequence").asLong(Long.MAX_VALUE)) {
        return applied;
      }
    }
    assertThat(state).as("not applied after %s", LIMIT).isNull();
    return -1;
  }

  /** What {@code status --json} says of a tree; an empty object if it has none. */
  static JsonNode status(String tree, String... where) throws IOException {
    String[] args =
        Stream.concat(Stream.of("status", "--json"), Stream.of(where)).toArray(String[]::new);
    CommandRun run = CommandRun.of(args);
    assertThat(run.exitCode()).as(run.err()).isZero();
    for (JsonNode state : JSON.readTree(run.out()).path("trees")) {
      if (state.path("tree").asText().equals(tree)) {
        return state;
      }
    }
    return JSON.createObjectNode();
  }

  /** An instant after all that was logged before, and before all that will be. */
  static Instant instantBetween() {
    LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    Instant noted = Instant.now();
    LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    return noted;
  }

  static long packBytes(Path repository) throws IOException {
    try (Stream<Path> packs = Files.walk(repository.resolve("packs"))) {
      long bytes = 0;
      for (Path pack : (Iterable<Path>) packs.filter(Files::isRegularFile)::iterator) {
        bytes += Files.size(pack);
      }
      return bytes;
    }
  }
}
