package dev.tidemark.repository.treelog;

import dev.tidemark.schemas.change.SealedChange;
import java.io.IOException;

/**
 * Two records of one sequence have different origins: the log lost its tail, or two owners sealed
 * at once.
 */
public final class LogDisagreementException extends IOException {
  private final long sequence;

  LogDisagreementException(
      String firstPlace, SealedChange first, String secondPlace, SealedChange second) {
    super(
        ("Change %d of tree %s is told in two ways: %s has it from %s, %s from %s. The Kafka log"
             + " has lost records that were sealed, or another repository's files were copied here."
             + " Instants before this change can be restored with `tidemark restore --at`; move the"
             + " file that does not belong here out of the repository.")
            .formatted(
                first.sequence(),
                first.change().tree(),
                firstPlace,
                show(first.origin()),
                secondPlace,
                show(second.origin())));
    sequence = first.sequence();
  }

  private static String show(SealedChange.Origin origin) {
    return "topic %s, partition %d, offset %d, epoch %d of writer %s"
        .formatted(
            origin.changesTopic(),
            origin.partition(),
            origin.offset(),
            origin.epoch().offset(),
            origin.epoch().writer());
  }

  public long sequence() {
    return sequence;
  }
}
