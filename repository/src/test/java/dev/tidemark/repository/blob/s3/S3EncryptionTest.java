package dev.tidemark.repository.blob.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.PutOutcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is asked of a store about encryption, as it goes over the line. No server to be had here
 * encrypts under a key of KMS without one, so this one only writes down what it is sent.
 */
final class S3EncryptionTest {
  private static final String KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab";
  private static final BlobName NAME = new BlobName("packs/ab/one.pack");

  private final List<Seen> seen = Collections.synchronizedList(new ArrayList<>());
  private HttpServer server;

  /** A request with those of its headers that speak of encryption, by the ends of their names. */
  private record Seen(String method, String query, Map<String, String> encryption) {
    /** Whether it makes an object, or begins one. */
    boolean begins() {
      return method.equals("PUT") && !query.contains("uploadId")
          || method.equals("POST") && query.contains("uploads");
    }
  }

  @BeforeEach
  void startServer() throws IOException {
    TestS3.useCredentials();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stopServer() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      String method = exchange.getRequestMethod();
      String query = String.valueOf(exchange.getRequestURI().getQuery());
      Map<String, String> encryption = new TreeMap<>();
      exchange
          .getRequestHeaders()
          .forEach(
              (name, values) -> {
                String lower = name.toLowerCase(Locale.ROOT);
                if (lower.startsWith("x-amz-server-side-encryption")) {
                  encryption.put(
                      lower.replaceFirst("x-amz-server-side-encryption-?", ""), values.getFirst());
                }
              });
      boolean again =
          exchange.getRequestURI().getPath().endsWith(S3Puts.MARKER)
              && seen.stream().anyMatch(one -> one.method().equals("PUT"));
      seen.add(new Seen(method, query, encryption));
      respond(exchange, method, query, again);
    }
  }

  private static void respond(HttpExchange exchange, String method, String query, boolean taken)
      throws IOException {
    // Whether a blob is there is asked by a GET of one byte: nothing is.
    boolean absent = method.equals("GET") && !query.contains("uploads");
    int status = taken ? 412 : absent ? 404 : 200;
    String body = "";
    if (method.equals("POST") && query.contains("uploads")) {
      body =
          "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>";
    } else if (method.equals("POST")) {
      body = "<CompleteMultipartUploadResult><ETag>\"e\"</ETag></CompleteMultipartUploadResult>";
    } else if (absent) {
      body = "<Error><Code>NoSuchKey</Code></Error>";
    } else if (method.equals("GET")) {
      body = "<ListMultipartUploadsResult></ListMultipartUploadsResult>";
    }
    exchange.getResponseHeaders().add("ETag", "\"e\"");
    exchange.getResponseHeaders().add("Content-Type", "application/xml");
    byte[] bytes = body.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) {
      exchange.getResponseBody().write(bytes);
    }
  }

  private BlobStore open(String parameters) {
    String url =
        "s3://bucket/p?endpoint=http://127.0.0.1:%d&region=eu&%s"
            .formatted(server.getAddress().getPort(), parameters);
    return S3BlobStore.open(S3Location.parse(url), TestS3.SMALL, InstantSource.system());
  }

  /** The marker's put, a put, a put in parts, and one over what is there. */
  private void putEachWay(BlobStore store) throws IOException {
    store.prepareForPuts();
    assertThat(store.put(NAME, "small".getBytes(UTF_8))).isEqualTo(new PutOutcome.Stored());
    byte[] large = new byte[TestS3.SMALL.multipartBytes() + 1];
    assertThat(store.put(new BlobName("packs/ab/large.pack"), ByteBuffer.wrap(large)))
        .isEqualTo(new PutOutcome.Stored());
    store.replace(NAME, ByteBuffer.wrap("other".getBytes(UTF_8)));
  }

  @Test
  void everyPutAsksForTheKeyThatTheAddressNames() throws IOException {
    try (BlobStore store = open("sse=aws:kms&sse-kms-key=" + KEY + "&sse-bucket-key=true")) {
      putEachWay(store);
    }

    List<Seen> begun = seen.stream().filter(Seen::begins).toList();
    assertThat(begun).hasSizeGreaterThanOrEqualTo(4).anyMatch(one -> one.method().equals("POST"));
    assertThat(begun.stream().map(Seen::encryption).collect(Collectors.toSet()))
        .containsExactly(
            Map.of("", "aws:kms", "aws-kms-key-id", KEY, "bucket-key-enabled", "true"));
    // To say it with a part, or at the end, is an error of its own.
    assertThat(seen.stream().filter(one -> !one.begins()))
        .isNotEmpty()
        .allMatch(one -> one.encryption().isEmpty());
  }

  @Test
  void theStoresOwnKeysAreAskedForAlone() throws IOException {
    try (BlobStore store = open("sse=AES256")) {
      putEachWay(store);
    }

    assertThat(seen.stream().filter(Seen::begins).map(Seen::encryption).collect(Collectors.toSet()))
        .containsExactly(Map.of("", "AES256"));
  }

  @Test
  void nothingIsAskedForUnlessTheAddressDoes() throws IOException {
    try (BlobStore store = open("path-style=true")) {
      putEachWay(store);
    }

    assertThat(seen).isNotEmpty().allMatch(one -> one.encryption().isEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sse=aes",
        "sse=",
        "sse-kms-key=abc",
        "sse=AES256&sse-kms-key=abc",
        "sse=AES256&sse-bucket-key=true",
        "sse=aws:kms&sse-kms-key=a%20b",
        "sse=aws:kms&sse-bucket-key=yes"
      })
  void whatDoesNotFitTogetherIsRefused(String parameters) {
    assertThatThrownBy(() -> S3Location.parse("s3://bucket/p?" + parameters))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("repository address: sse");
  }
}
