package dev.tidemark.testing;

import java.io.IOException;
import java.net.URI;

/** A server that speaks S3, with the bucket and the credentials of {@link S3Server}. */
public interface ObjectServer extends AutoCloseable {
  /** The property that chooses another implementation than the quick one: {@code rgw}. */
  String CHOICE = "tidemark.s3";

  URI endpoint();

  @Override
  void close();

  /** The address of a repository in the bucket. */
  default String url(String prefix) {
    return S3Server.url(endpoint(), prefix);
  }

  /** Starts the implementation that {@value #CHOICE} names; {@link S3Server} by itself. */
  static ObjectServer start() throws IOException {
    String choice = System.getProperty(CHOICE, "s3proxy");
    return switch (choice) {
      case "s3proxy" -> S3Server.start();
      case "rgw" -> RgwServer.start();
      default ->
          throw new IllegalArgumentException(
              "%s=%s: expected s3proxy or rgw".formatted(CHOICE, choice));
    };
  }
}
