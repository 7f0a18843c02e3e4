package dev.tidemark.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a file of client properties may say, and who may read it. */
final class ClientFileTest {
  private static final String PASSWORD = "hunter2hunter2";
  private static final String JAAS =
      "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required"
          + " username=\"web1\" password=\"%s\";\n";

  @TempDir private Path dir;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = dir.resolve("kafka.properties");
  }

  private void write(Path path, String text, String mode) throws IOException {
    Files.writeString(path, text);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  @Test
  void howToReachTheBrokerIsTakenAsItIs() throws IOException {
    write(file, "security.protocol=SASL_SSL\nclient.id=web\n", "rw-r--r--");

    assertThat(ClientFile.read(file))
        .isEqualTo(Map.of("security.protocol", "SASL_SSL", "client.id", "web"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "acks",
        "enable.idempotence",
        "max.in.flight.requests.per.connection",
        "delivery.timeout.ms",
        "partitioner.class",
        "transactional.id",
        "auto.offset.reset",
        "isolation.level",
        "enable.auto.commit",
        "group.id",
        "interceptor.classes",
        "producer.acks",
        "consumer.isolation.level",
        "main.consumer.auto.offset.reset",
        "processing.guarantee",
        "application.id",
        "bootstrap.servers",
        "auto.ofset.reset"
      })
  void aSettingOnWhichPromisesRestIsRefusedByItsNameAndThatOfTheFile(String key)
      throws IOException {
    write(file, "security.protocol=SSL\n" + key + "=1\n", "rw-------");

    assertThatThrownBy(() -> ClientFile.read(file))
        .isInstanceOf(ClientFileException.class)
        .hasMessageContaining(file + " sets " + key + ",")
        .hasMessageContaining("Take");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r--r--", "rw-r-----", "rw----r--", "rw--w----"})
  void aFileOfSecretsThatOthersCanReadIsRefusedWithoutShowingThem(String mode) throws IOException {
    write(file, JAAS.formatted(PASSWORD), mode);

    assertThatThrownBy(() -> ClientFile.read(file))
        .isInstanceOf(ClientFileException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("sasl.jaas.config")
        .hasMessageContaining(mode)
        .hasMessageContaining("chmod 600 " + file)
        .hasMessageNotContaining(PASSWORD);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ssl.keystore.password",
        "ssl.key.password",
        "ssl.truststore.password",
        "ssl.keystore.key",
        "sasl.oauthbearer.client.credentials.client.secret",
        "listener.name.x.sasl.jaas.config"
      })
  void secretsAreKnownByTheirKeys(String key) throws IOException {
    write(file, key.replace("listener.name.x", "security.x") + "=x\n", "rw-r--r--");

    assertThatThrownBy(() -> ClientFile.read(file)).hasMessageContaining("chmod 600");
  }

  @Test
  void aFileOfSecretsThatItsOwnerAloneReadsIsTaken() throws IOException {
    write(file, JAAS.formatted(PASSWORD), "rw-------");

    assertThat(ClientFile.read(file).get("sasl.jaas.config")).contains(PASSWORD);
  }

  @Test
  void whatRootLendsAUserByItsGroupIsTaken() throws IOException {
    assumeTrue(Files.getAttribute(dir, "unix:uid").equals(0), "only root has files of root");
    write(file, JAAS.formatted(PASSWORD), "r--r-----");

    assertThat(ClientFile.read(file, 10_001).get("sasl.jaas.config")).contains(PASSWORD);
    assertThatThrownBy(() -> ClientFile.read(file, 0)).hasMessageContaining("chmod 600 " + file);
    for (String more : List.of("rw-rw----", "r--r--r--")) {
      write(file, "", "rw-------");
      write(file, JAAS.formatted(PASSWORD), more);
      assertThatThrownBy(() -> ClientFile.read(file, 10_001)).hasMessageContaining(more);
    }
  }

  @Test
  void aUsersOwnFileIsNotForItsGroup() throws IOException {
    write(file, JAAS.formatted(PASSWORD), "r--r-----");
    assumeTrue(Files.getAttribute(dir, "unix:uid").equals(0), "only root gives files away");
    Files.setAttribute(file, "unix:uid", 10_001);

    assertThatThrownBy(() -> ClientFile.read(file, 10_001)).hasMessageContaining("r--r-----");
  }

  @Test
  void aReferenceToASecretIsNoneAndItsProviderNeedsNoSettings() throws IOException {
    Path secret = dir.resolve("secret.properties");
    write(secret, "password=" + PASSWORD + "\n", "rw-------");
    write(file, JAAS.formatted("${file:" + secret + ":password}"), "rw-r--r--");

    Map<String, String> settings = ClientFile.read(file);

    assertThat(settings)
        .containsEntry("config.providers", "file,dir,env")
        .containsEntry(
            "config.providers.file.class",
            "org.apache.kafka.common.config.provider.FileConfigProvider");
    assertThat(settings.get("sasl.jaas.config")).doesNotContain(PASSWORD);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sasl.jaas.config=x.Module required username=\"${env:WHO}\" password=\"hunter2\";",
        "sasl.jaas.config=x.Module required username=${env:WHO} clientSecret='hunter2';",
        "sasl.jaas.config=x.Module required username=${env:WHO} password=hunter2${env:MORE};",
        "ssl.key.password=hunter2${env:MORE}",
      })
  void aSecretBesideAReferenceIsOneAllTheSame(String setting) throws IOException {
    write(file, setting + "\n", "rw-r--r--");

    assertThatThrownBy(() -> ClientFile.read(file))
        .hasMessageContaining("chmod 600 " + file)
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void aSecretThatIsReferredToIsLookedAtToo() throws IOException {
    Path secret = dir.resolve("secret.properties");
    write(secret, "password=" + PASSWORD + "\n", "rw-r-----");
    write(file, JAAS.formatted("${file:" + secret + ":password}"), "rw-r--r--");

    assertThatThrownBy(() -> ClientFile.read(file))
        .hasMessageContaining(secret.toString())
        .hasMessageContaining("chmod 600 " + secret);
  }

  @Test
  void providersOfTheUsersOwnAreLeftAsTheyAre() throws IOException {
    write(
        file,
        "config.providers=vault\nconfig.providers.vault.class=x.Vault\n"
            + "ssl.keystore.password=${vault:kv:p}\n",
        "rw-r--r--");

    assertThat(ClientFile.read(file))
        .containsEntry("config.providers", "vault")
        .doesNotContainKey("config.providers.env.class");
  }

  @Test
  void aPlainPrivateKeyThatOthersCanReadIsRefused() throws IOException {
    Path key = dir.resolve("client.pem");
    write(key, "-----BEGIN PRIVATE KEY-----\n", "rw-r--r--");
    write(file, "ssl.keystore.type=PEM\nssl.keystore.location=" + key + "\n", "rw-r--r--");

    assertThatThrownBy(() -> ClientFile.read(file))
        .hasMessageContaining("private key")
        .hasMessageContaining("chmod 600 " + key);
  }

  @Test
  void aFileThatIsMissingOrNoneOfPropertiesIsNamed() throws IOException {
    assertThatThrownBy(() -> ClientFile.read(file))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining(file.toString());
    write(file, "ssl.keystore.location=C:\\users\n", "rw-------");
    assertThatThrownBy(() -> ClientFile.read(file))
        .isInstanceOf(ClientFileException.class)
        .hasMessageContaining(file.toString());
  }
}
