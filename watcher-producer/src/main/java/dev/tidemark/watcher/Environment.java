package dev.tidemark.watcher;

import dev.tidemark.watcher.capture.CaptureFaults;
import dev.tidemark.watcher.read.ListFaults;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.Supplier;

/** What comes from outside: time, identities, and faults in tests. */
record Environment(
    InstantSource clock,
    Supplier<UUID> ids,
    Checkpoints checkpoints,
    ListFaults faults,
    CaptureFaults captureFaults) {
  static Environment ofProcess() {
    return new Environment(
        InstantSource.system(),
        UUID::randomUUID,
        Checkpoints.NONE,
        ListFaults.NONE,
        CaptureFaults.NONE);
  }

  Environment withClock(InstantSource newClock) {
    return new Environment(newClock, ids, checkpoints, faults, captureFaults);
  }

  Environment withCheckpoints(Checkpoints newCheckpoints) {
    return new Environment(clock, ids, newCheckpoints, faults, captureFaults);
  }

  Environment withFaults(ListFaults newFaults) {
    return new Environment(clock, ids, checkpoints, newFaults, captureFaults);
  }

  Environment withFaults(CaptureFaults newFaults) {
    return new Environment(clock, ids, checkpoints, faults, newFaults);
  }
}
