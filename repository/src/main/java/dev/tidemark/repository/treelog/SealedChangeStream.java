package dev.tidemark.repository.treelog;

import dev.tidemark.schemas.change.SealedChange;
import java.io.IOException;
import java.util.Optional;

/** Sealed changes in the order of their sequences. For one thread. */
public interface SealedChangeStream extends AutoCloseable {
  /**
   * The next change, empty at the end.
   *
   * @throws LogDisagreementException if two segments tell different things of one sequence
   * @throws LogHoleException if a sequence is in no segment
   * @throws CorruptSegmentException if a segment is damaged
   */
  Optional<SealedChange> next() throws IOException;

  @Override
  void close() throws IOException;
}
