package dev.tidemark.watcher;

import dev.tidemark.watcher.read.ListFaults;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.Supplier;

/** What comes from outside: time, identities, and faults in tests. */
record Environment(
    InstantSource clock, Supplier<UUID> ids, Checkpoints checkpoints, ListFaults faults) {
  static Environment ofProcess() {
    return new Environment(
        InstantSource.system(), UUID::randomUUID, Checkpoints.NONE, ListFaults.NONE);
  }

  Environment withCheckpoints(Checkpoints newCheckpoints) {
    return new Environment(clock, ids, newCheckpoints, faults);
  }

  Environment withFaults(ListFaults newFaults) {
    return new Environment(clock, ids, checkpoints, newFaults);
  }
}
