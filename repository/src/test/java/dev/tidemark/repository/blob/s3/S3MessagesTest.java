package dev.tidemark.repository.blob.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.StoreFullException;
import dev.tidemark.repository.blob.UnsupportedStoreException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each failure names the thing and the remedy. The answers are those of real servers. */
final class S3MessagesTest {
  private static final BlobName NAME = new BlobName("tidemark.json");

  private final AtomicInteger requests = new AtomicInteger();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    TestS3.useCredentials();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(int status, String code, String region) {
    byte[] body =
        "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>said the server</Message></Error>"
            .formatted(code)
            .getBytes(StandardCharsets.UTF_8);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            requests.incrementAndGet();
            exchange.getRequestBody().readAllBytes();
            if (!region.isEmpty()) {
              exchange.getResponseHeaders().add("x-amz-bucket-region", region);
            }
            boolean whole = status == 200;
            exchange.sendResponseHeaders(status, whole ? -1 : body.length);
            if (!whole) {
              exchange.getResponseBody().write(body);
            }
          }
        });
  }

  private String url() {
    return "s3://bucket/web?endpoint=http://127.0.0.1:" + server.getAddress().getPort();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          403 | AccessDenied                 |              | s3:GetObject
          403 | InvalidAccessKeyId           |              | does not know the access key
          403 | SignatureDoesNotMatch        |              | AWS_SECRET_ACCESS_KEY
          400 | ExpiredToken                 |              | Renew the credentials
          403 | RequestTimeTooSkewed         |              | clock
          404 | NoSuchBucket                 |              | Create it
          301 | PermanentRedirect            | eu-central-1 | ?region=eu-central-1
          400 | AuthorizationHeaderMalformed | eu-west-3    | ?region=eu-west-3
          405 | MethodNotAllowed             |              | answered 405: said the server
          """)
  void aRefusedReadSaysWhatToDo(int status, String code, String region, String remedy)
      throws IOException {
    answer(status, code, region == null ? "" : region);

    try (BlobStore store = Repository.openStore(url())) {
      assertThatThrownBy(() -> store.get(NAME))
          .isExactlyInstanceOf(IOException.class)
          .hasMessageContaining("Cannot read s3://bucket/web/tidemark.json at http://127.0.0.1:")
          .hasMessageContaining(remedy);
    }
  }

  @Test
  void aFullStoreIsOneThatWaitsForRoom() throws IOException {
    answer(507, "XMinioStorageFull", "");

    try (BlobStore store = Repository.openStore(url())) {
      assertThatThrownBy(() -> store.put(NAME, new byte[1]))
          .isInstanceOf(StoreFullException.class)
          .hasMessageContaining("Nothing is lost");
    }
  }

  @Test
  void aStoreThatTakesANameTwiceIsRefusedBeforeAnythingElseIsPut() throws IOException {
    answer(200, "", "");

    try (BlobStore store = Repository.openStore(url())) {
      assertThatThrownBy(store::prepareForPuts)
          .isInstanceOf(UnsupportedStoreException.class)
          .hasMessageContaining("s3://bucket/web")
          .hasMessageContaining("If-None-Match")
          .hasMessageContaining("docs/s3.md");
      assertThat(requests).hasValue(2);
      assertThatThrownBy(() -> store.put(NAME, new byte[1]))
          .isInstanceOf(UnsupportedStoreException.class);
    }
  }

  @Test
  void aStoreThatDoesNotKnowConditionsIsRefused() throws IOException {
    answer(501, "NotImplemented", "");

    try (BlobStore store = Repository.openStore(url())) {
      assertThatThrownBy(() -> store.put(NAME, new byte[1]))
          .isInstanceOf(UnsupportedStoreException.class);
    }
  }

  @Test
  void anEndpointWhereNothingListensIsNamed() throws IOException {
    String url = url();
    server.stop(0);

    try (BlobStore store = Repository.openStore(url)) {
      assertThatThrownBy(() -> store.get(NAME)).hasMessageContaining("nothing answers there");
      assertThatThrownBy(() -> store.put(NAME, new byte[1]))
          .hasMessageContaining("nothing answers there");
    }
  }

  @Test
  void anEndpointWithoutTlsIsNamedAsThat() throws IOException {
    String url = TestS3.server().url("tls").replace("=http:", "=https:");

    try (BlobStore store = Repository.openStore(url)) {
      assertThatThrownBy(() -> store.get(NAME))
          .hasMessageContaining("speaks TLS, write http:// in the endpoint");
    }
  }

  @Test
  void aCertificateOfAnUnknownAuthorityIsNamedWithItsRemedy(@TempDir Path folder) throws Exception {
    HttpsServer tls =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    tls.setHttpsConfigurator(new HttpsConfigurator(selfSigned(folder.resolve("keys"))));
    tls.start();
    String url = "s3://bucket/web?endpoint=https://127.0.0.1:" + tls.getAddress().getPort();

    try (BlobStore store = Repository.openStore(url)) {
      assertThatThrownBy(() -> store.get(NAME))
          .hasMessageContaining("no trusted TLS connection")
          .hasMessageContaining("javax.net.ssl.trustStore");
    } finally {
      tls.stop(0);
    }
  }

  private static SSLContext selfSigned(Path keys) throws Exception {
    char[] password = "password".toCharArray();
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keystore",
                keys.toString(),
                "-storepass",
                "password",
                "-alias",
                "test",
                "-keyalg",
                "EC",
                "-dname",
                "CN=test")
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(KeyStore.getInstance(keys.toFile(), password), password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  @Test
  void missingCredentialsAreNamed() throws IOException {
    System.clearProperty("aws.accessKeyId");
    System.clearProperty("aws.secretAccessKey");
    // Nor shall this host's own be found.
    System.setProperty("aws.disableEc2Metadata", "true");
    System.setProperty("aws.sharedCredentialsFile", "/nowhere");
    System.setProperty("aws.configFile", "/nowhere");
    try (BlobStore store = Repository.openStore(url())) {
      assertThatThrownBy(() -> store.get(NAME))
          .hasMessageContaining("no credentials were found")
          .hasMessageContaining("AWS_ACCESS_KEY_ID");
    } finally {
      System.clearProperty("aws.disableEc2Metadata");
      System.clearProperty("aws.sharedCredentialsFile");
      System.clearProperty("aws.configFile");
      TestS3.useCredentials();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3:bucket",
        "s3://",
        "s3://b",
        "s3://key:secret@bucket/web",
        "s3://bucket/.hidden",
        "s3://bucket/a//b",
        "s3://bucket/../other",
        "s3://bucket/web?endpoint=localhost:9000",
        "s3://bucket/web?endpoint=http://user:secret@localhost",
        "s3://bucket/web?path-style=yes",
        "s3://bucket/web?region=eu%20central",
        "s3://bucket/web?acl=public"
      })
  void anUnsoundAddressIsRefusedWithoutItsSecrets(String url) {
    assertThatThrownBy(() -> Repository.openStore(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("repository address")
        .hasMessageContaining("expected")
        .hasMessageNotContaining("secret");
  }

  @Test
  void anAddressSaysWhereItsBlobsAre() {
    S3Location location =
        S3Location.parse(
            "s3://my.bucket/backups/web/?endpoint=https%3A%2F%2Fminio%3A9000&region=eu&path-style=false");

    assertThat(location.bucket()).isEqualTo("my.bucket");
    assertThat(location.prefix()).isEqualTo("backups/web");
    assertThat(location.endpoint()).hasToString("https://minio:9000");
    assertThat(location.region()).isEqualTo("eu");
    assertThat(location.pathStyle()).isFalse();
    assertThat(S3Location.parse("s3://bucket").key("a/b")).isEqualTo("a/b");
    assertThat(S3Location.parse("s3://bucket/p").key("a/b")).isEqualTo("p/a/b");
  }
}
