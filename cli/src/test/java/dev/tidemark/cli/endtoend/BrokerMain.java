package dev.tidemark.cli.endtoend;

import dev.tidemark.broker.EmbeddedBroker;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A broker as a process of its own, on a folder and, if it is given, an address; prints where. */
final class BrokerMain {
  private BrokerMain() {}

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    EmbeddedBroker broker =
        args.length == 1 ? EmbeddedBroker.start(folder) : EmbeddedBroker.start(folder, args[1]);
    System.out.println("broker at " + broker.bootstrapServers() + ".");
    new CountDownLatch(1).await();
  }
}
