package dev.tidemark.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddedBrokerTest {
  @TempDir Path folder;

  @Test
  void whatWasAcknowledgedIsThereAfterARestartOnTheSamePort() throws Exception {
    String servers;
    try (EmbeddedBroker broker = EmbeddedBroker.start(folder)) {
      servers = broker.bootstrapServers();
      BrokerClient.createTopic(servers, "kept");
      BrokerClient.send(servers, "kept", "first");
      BrokerClient.sendInTransaction(servers, "kept", "second");
      assertThat(EmbeddedBroker.findBootstrapServers(folder)).contains(servers);
    }

    try (EmbeddedBroker broker = EmbeddedBroker.start(folder)) {
      assertThat(broker.bootstrapServers()).isEqualTo(servers);
      assertThat(BrokerClient.read(servers, "kept", 2)).containsExactly("first", "second");
      BrokerClient.sendInTransaction(servers, "kept", "third");
      assertThat(BrokerClient.read(servers, "kept", 3)).containsExactly("first", "second", "third");
    }
  }

  @Test
  void whatWasAcknowledgedIsThereAfterTheProcessWasKilled() throws Exception {
    try (BrokerProcess process = BrokerProcess.start(folder)) {
      BrokerClient.createTopic(process.servers(), "kept");
      BrokerClient.send(process.servers(), "kept", "before the kill");
      process.kill();
    }

    try (EmbeddedBroker broker = EmbeddedBroker.start(folder)) {
      BrokerClient.send(broker.bootstrapServers(), "kept", "after it");
      assertThat(BrokerClient.read(broker.bootstrapServers(), "kept", 2))
          .containsExactly("before the kill", "after it");
    }
  }

  @Test
  void aFolderHeldByALiveBrokerIsRefusedByNameAndLeftAlone() throws Exception {
    try (BrokerProcess process = BrokerProcess.start(folder)) {
      assertThatThrownBy(() -> EmbeddedBroker.start(folder))
          .isInstanceOf(BrokerFolderInUseException.class)
          .hasMessageContaining(folder.toString())
          .hasMessageContaining("process " + process.pid());
      BrokerClient.createTopic(process.servers(), "still-served");
    }
  }

  @Test
  void aSecondBrokerOfTheSameProcessIsRefusedAndTheFirstServesOnOverAnotherPort() throws Exception {
    try (EmbeddedBroker first = EmbeddedBroker.start(folder.resolve("first"))) {
      assertThatThrownBy(() -> EmbeddedBroker.start(folder.resolve("first")))
          .isInstanceOf(BrokerFolderInUseException.class)
          .hasMessageContaining("another broker in this process");

      try (EmbeddedBroker second = EmbeddedBroker.start(folder.resolve("second"))) {
        assertThat(second.bootstrapServers()).isNotEqualTo(first.bootstrapServers());
        BrokerClient.createTopic(first.bootstrapServers(), "of-the-first");
        BrokerClient.createTopic(second.bootstrapServers(), "of-the-second");
      }
    }
  }

  @Test
  void aPortThatWasTakenMeanwhileIsReplacedAndTheDataGoesOn() throws Exception {
    String servers;
    try (EmbeddedBroker broker = EmbeddedBroker.start(folder)) {
      servers = broker.bootstrapServers();
      BrokerClient.createTopic(servers, "kept");
      BrokerClient.send(servers, "kept", "value");
    }
    int port = BrokerPorts.find(folder).orElseThrow().client();
    int controller = BrokerPorts.find(folder).orElseThrow().controller();

    try (ServerSocket other = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"));
        ServerSocket another = new ServerSocket(controller, 1, InetAddress.getByName("127.0.0.1"));
        EmbeddedBroker broker = EmbeddedBroker.start(folder)) {
      assertThat(other.isBound() && another.isBound()).isTrue();
      assertThat(broker.bootstrapServers()).isNotEqualTo(servers);
      assertThat(BrokerClient.read(broker.bootstrapServers(), "kept", 1)).containsExactly("value");
    }
  }

  @Test
  void aGivenPortThatIsTakenIsRefusedByNumber() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      assertThatThrownBy(() -> EmbeddedBroker.start(folder, other.getLocalPort()))
          .isInstanceOf(BrokerStartException.class)
          .hasMessageContaining("Port " + other.getLocalPort());
    }
  }

  @Test
  void aFolderThatCannotBeMadeIsRefusedByName() throws Exception {
    Path file = Files.createFile(folder.resolve("a-file"));

    assertThatThrownBy(() -> EmbeddedBroker.start(file.resolve("broker")))
        .isInstanceOf(BrokerStartException.class)
        .hasMessageContaining(file.resolve("broker").toString())
        .hasMessageContaining("cannot be written");
    assertThatThrownBy(() -> EmbeddedBroker.start(folder.resolve("a,b")))
        .isInstanceOf(BrokerStartException.class)
        .hasMessageContaining("comma");
  }

  @Test
  void aFormatCutShortByACrashIsBegunAgain() throws Exception {
    Path halfMade = Files.createDirectories(folder.resolve("data.new"));
    Files.writeString(halfMade.resolve("bootstrap.checkpoint"), "torn");

    try (EmbeddedBroker broker = EmbeddedBroker.start(folder)) {
      BrokerClient.createTopic(broker.bootstrapServers(), "works");
    }

    assertThat(halfMade).doesNotExist();
  }
}
