package dev.tidemark.repository.blob.s3;

import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.testing.RgwServer;
import dev.tidemark.testing.S3Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;

/** The S3 server that all tests of this process share, each with prefixes of its own. */
public final class TestS3 {
  /** So small that blobs of a few MiB take the ways of large ones. */
  static final S3Limits SMALL = new S3Limits(6 << 20, 5 << 20, 1 << 20, 3, 3);

  private static final AtomicInteger PREFIXES = new AtomicInteger();

  private TestS3() {}

  /** Started with the first use; it ends with this process. */
  private static final class Holder {
    private static final S3Server SERVER = start();

    private static S3Server start() {
      useCredentials();
      try {
        return S3Server.start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static final class RgwHolder {
    private static final RgwServer SERVER = start();

    private static RgwServer start() {
      useCredentials();
      try {
        return RgwServer.start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Ceph's gateway; skips the test with the reason where none can be started. */
  public static RgwServer rgw() {
    Optional<String> obstacle = RgwServer.findObstacle();
    Assumptions.assumeTrue(obstacle.isEmpty(), obstacle::get);
    return RgwHolder.SERVER;
  }

  public static S3Server server() {
    return Holder.SERVER;
  }

  /** Where the SDK looks when nothing in the environment says otherwise. */
  static void useCredentials() {
    System.setProperty("aws.accessKeyId", S3Server.ACCESS_KEY);
    System.setProperty("aws.secretAccessKey", S3Server.SECRET_KEY);
  }

  static String newPrefix() {
    return "test-" + PREFIXES.incrementAndGet();
  }

  /** An empty store, by way of {@code endpoint}. */
  public static BlobStore open(URI endpoint) {
    return open(endpoint, newPrefix());
  }

  static BlobStore open(URI endpoint, String prefix) {
    return S3BlobStore.open(
        S3Location.parse(S3Server.url(endpoint, prefix)), SMALL, InstantSource.system());
  }
}
