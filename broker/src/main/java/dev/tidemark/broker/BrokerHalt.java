package dev.tidemark.broker;

import org.apache.kafka.common.utils.Exit;

/**
 * The last words of a process that Kafka halts, because its disk failed or is full. Kafka ends it
 * on the spot, so that no handler at its exit is run.
 */
public final class BrokerHalt {
  private BrokerHalt() {}

  /**
   * From now on, runs {@code lastWords} before this process is halted. It has to be short and need
   * nothing of the broker: whatever it does or throws, the process ends. Replaces an earlier one.
   */
  public static void announce(Runnable lastWords) {
    Exit.setHaltProcedure(
        (status, _) -> {
          try {
            lastWords.run();
          } finally {
            Runtime.getRuntime().halt(status);
          }
        });
  }
}
