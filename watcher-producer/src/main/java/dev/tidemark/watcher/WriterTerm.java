package dev.tidemark.watcher;

import dev.tidemark.schemas.change.Change.Previous;
import dev.tidemark.schemas.change.Epoch;
import dev.tidemark.watcher.state.StateStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/**
 * The last term that was begun from a state folder.
 *
 * @param changesTopic Kafka's id of the topic in which its epoch lies
 */
public record WriterTerm(UUID changesTopic, Epoch epoch) {
  /**
   * Reads it from the state folder of a watcher that does not run.
   *
   * @return empty if no term was begun from there, or the state store is lost
   * @throws dev.tidemark.filesystem.entry.EntryStoreLockedException if a watcher runs
   */
  public static Optional<WriterTerm> find(Path stateFolder) throws IOException {
    if (!Files.isDirectory(stateFolder)) {
      return Optional.empty();
    }
    try (StateStore store = StateStore.open(stateFolder, "unread")) {
      Optional<UUID> topic = store.changesTopic();
      return topic.isPresent() && store.epoch() instanceof Previous.Known(Epoch epoch)
          ? Optional.of(new WriterTerm(topic.get(), epoch))
          : Optional.empty();
    }
  }
}
