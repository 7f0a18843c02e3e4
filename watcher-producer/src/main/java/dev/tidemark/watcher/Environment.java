package dev.tidemark.watcher;

import dev.tidemark.schemas.trace.ChangeTrace;
import dev.tidemark.watcher.capture.CaptureFaults;
import dev.tidemark.watcher.read.ListFaults;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.Supplier;

/** What comes from outside: time, identities, who hears of changes, and faults in tests. */
record Environment(
    InstantSource clock,
    Supplier<UUID> ids,
    Checkpoints checkpoints,
    ListFaults faults,
    CaptureFaults captureFaults,
    ChangeTrace trace) {
  static Environment ofProcess() {
    return new Environment(
        InstantSource.system(),
        UUID::randomUUID,
        Checkpoints.NONE,
        ListFaults.NONE,
        CaptureFaults.NONE,
        ChangeTrace.OFF);
  }

  Environment withClock(InstantSource newClock) {
    return new Environment(newClock, ids, checkpoints, faults, captureFaults, trace);
  }

  Environment withCheckpoints(Checkpoints newCheckpoints) {
    return new Environment(clock, ids, newCheckpoints, faults, captureFaults, trace);
  }

  Environment withFaults(ListFaults newFaults) {
    return new Environment(clock, ids, checkpoints, newFaults, captureFaults, trace);
  }

  Environment withFaults(CaptureFaults newFaults) {
    return new Environment(clock, ids, checkpoints, faults, newFaults, trace);
  }

  Environment withTrace(ChangeTrace newTrace) {
    return new Environment(clock, ids, checkpoints, faults, captureFaults, newTrace);
  }
}
