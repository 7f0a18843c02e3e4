package dev.tidemark.bench;

import dev.tidemark.broker.EmbeddedBroker;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A broker as a process of its own, whose processor time can be told from that of the others. */
final class BrokerProcess {
  private BrokerProcess() {}

  public static void main(String[] arguments) throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(Path.of(arguments[0]))) {
      System.out.println("broker at " + broker.bootstrapServers() + ".");
      new CountDownLatch(1).await();
    }
  }
}
