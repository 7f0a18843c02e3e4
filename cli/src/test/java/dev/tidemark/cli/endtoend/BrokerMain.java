package dev.tidemark.cli.endtoend;

import dev.tidemark.broker.EmbeddedBroker;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A broker as a process of its own, on a folder; prints where it is. */
final class BrokerMain {
  private BrokerMain() {}

  public static void main(String[] args) throws Exception {
    EmbeddedBroker broker = EmbeddedBroker.start(Path.of(args[0]));
    System.out.println("broker at " + broker.bootstrapServers() + ".");
    new CountDownLatch(1).await();
  }
}
