package dev.tidemark.cli.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A listener with TLS, on which users are told by their certificates. */
final class TlsTest {
  private static final String PASSWORD = "password-of-keys";

  @TempDir private static Path dir;
  private static SecuredBroker broker;

  @BeforeAll
  static void startBroker() throws Exception {
    for (String name : List.of("broker", "web1", "stranger")) {
      makeKeys(name);
    }
    trust("trusted-by-broker", "web1");
    trust("trusted-by-clients", "broker");
    broker =
        SecuredBroker.start(
            dir.resolve("data"),
            List.of(),
            Map.of(
                "ssl.keystore.location",
                keys("broker"),
                "ssl.keystore.password",
                PASSWORD,
                "ssl.key.password",
                PASSWORD,
                "ssl.truststore.location",
                keys("trusted-by-broker"),
                "ssl.truststore.password",
                PASSWORD,
                "ssl.client.auth",
                "required"));
    for (String[] command :
        List.of(
            new String[] {"topics", "create"},
            new String[] {
              "topics", "acl", "--role", "operator", "--principal", "User:CN=web1", "--apply"
            })) {
      CommandRun run = run(broker.address(), broker.clientFile(SecuredBroker.ADMIN), command);
      assertThat(run.exitCode()).as(run.err()).isZero();
    }
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  private static String keys(String name) {
    return dir.resolve(name + ".p12").toString();
  }

  private static void makeKeys(String name) throws Exception {
    keytool(
        "-genkeypair",
        "-alias",
        name,
        "-keyalg",
        "EC",
        "-dname",
        "CN=" + name,
        "-ext",
        "SAN=ip:127.0.0.1,dns:localhost",
        "-validity",
        "2",
        "-storetype",
        "PKCS12",
        "-keystore",
        keys(name));
    keytool(
        "-exportcert",
        "-alias",
        name,
        "-keystore",
        keys(name),
        "-file",
        dir.resolve(name + ".crt").toString());
  }

  private static void trust(String store, String name) throws Exception {
    keytool(
        "-importcert",
        "-noprompt",
        "-alias",
        name,
        "-storetype",
        "PKCS12",
        "-keystore",
        keys(store),
        "-file",
        dir.resolve(name + ".crt").toString());
  }

  private static void keytool(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(List.of("-storepass", PASSWORD));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as("%s: %s", command, out).isZero();
  }

  /** Its password stands in a file of its own, to which it refers. */
  private static Path client(String name, String trusted) throws IOException {
    Path secret = SecuredBroker.write(dir.resolve("secret"), Map.of("keys", PASSWORD));
    String reference = "${file:%s:keys}".formatted(secret);
    Map<String, String> settings =
        new TreeMap<>(
            Map.of(
                "security.protocol",
                "SSL",
                "ssl.truststore.location",
                keys(trusted),
                "ssl.truststore.password",
                reference));
    if (!name.isEmpty()) {
      settings.put("ssl.keystore.location", keys(name));
      settings.put("ssl.keystore.password", reference);
      settings.put("ssl.key.password", reference);
    }
    return SecuredBroker.write(dir.resolve("client-" + name + ".properties"), settings);
  }

  private static CommandRun run(String address, Path properties, String... args) {
    Stream<String> more =
        Stream.of("--bootstrap-server", address, "--client-properties", properties.toString());
    return CommandRun.of(Stream.concat(Stream.of(args), more).toArray(String[]::new));
  }

  private static CommandRun look(Path properties) {
    return run(broker.tlsAddress(), properties, "doctor", "--role", "operator");
  }

  @Test
  void whoHasACertificateIsKnownByItsNameAndHasItsRights() throws IOException {
    CommandRun run = look(client("web1", "trusted-by-clients"));

    assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
    assertThat(run.out()).contains("no findings");
  }

  @Test
  void whoHasNoneOrOneThatIsNotTrustedIsRefused() throws IOException {
    for (String name : List.of("", "stranger")) {
      CommandRun run = look(client(name, "trusted-by-clients"));

      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.out() + run.err())
          .contains("refused the login")
          .contains("certificates in the client properties")
          .doesNotContain(PASSWORD);
    }
  }

  @Test
  void aBrokerThatIsNotTrustedIsNotTalkedTo() throws IOException {
    CommandRun run = look(client("web1", "trusted-by-broker"));

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out() + run.err()).contains("certificates in the client properties");
  }

  @Test
  void aClientWithoutTlsIsToldThatNobodyAnswers() throws IOException {
    Path plain = Files.writeString(dir.resolve("plain.properties"), "client.id=plain\n");

    CommandRun run = run(broker.tlsAddress(), plain, "topics", "create");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains(broker.tlsAddress()).contains("client properties");
  }
}
