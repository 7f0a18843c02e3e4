package dev.tidemark.repository.blob.s3;

import dev.tidemark.testing.S3Server;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerFetchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/** On MinIO's published image, where a container engine runs and the image can be had. */
final class MinioBlobStoreTest implements S3StoreContract {
  private static final String IMAGE = "minio/minio:RELEASE.2025-09-07T16-13-09Z";
  private static final int PORT = 9000;

  private static @Nullable GenericContainer<?> container;
  private static String obstacle = "";

  @BeforeAll
  static void start() {
    if (!DockerClientFactory.instance().isDockerAvailable()) {
      obstacle = "no container engine runs here";
      return;
    }
    TestS3.useCredentials();
    GenericContainer<?> minio =
        new GenericContainer<>(IMAGE)
            .withEnv("MINIO_ROOT_USER", S3Server.ACCESS_KEY)
            .withEnv("MINIO_ROOT_PASSWORD", S3Server.SECRET_KEY)
            .withExposedPorts(PORT)
            .withCommand("server", "/data")
            .waitingFor(
                Wait.forHttp("/minio/health/ready").withStartupTimeout(Duration.ofSeconds(60)));
    try {
      minio.start();
      container = minio;
      createBucket(endpointOf(minio));
    } catch (ContainerFetchException e) {
      obstacle = "the image %s cannot be had here: %s".formatted(IMAGE, e.getMessage());
    }
  }

  @AfterAll
  static void stop() {
    if (container != null) {
      container.stop();
    }
  }

  /** Skips the test with the reason where there is no container; told for each test. */
  @Override
  public URI endpoint() {
    Assumptions.assumeTrue(obstacle.isEmpty(), obstacle);
    return endpointOf(Objects.requireNonNull(container));
  }

  private static void createBucket(URI endpoint) {
    try (S3Clients clients = S3Clients.open(S3Location.parse(S3Server.url(endpoint, "any")))) {
      clients.repeating().createBucket(b -> b.bucket(S3Server.BUCKET)).join();
    }
  }

  private static URI endpointOf(GenericContainer<?> minio) {
    return URI.create("http://%s:%d".formatted(minio.getHost(), minio.getMappedPort(PORT)));
  }
}
