package dev.tidemark.testing;

import java.net.URI;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;

/**
 * The process of {@link S3Server}: keeps blobs in memory, or in the folder given as second
 * argument, checks signatures, prints its port, and ends when its standard input does, so that none
 * outlives whoever started it.
 */
final class S3ServerMain {
  static final String READY = "listening on ";

  private S3ServerMain() {}

  public static void main(String[] arguments) throws Exception {
    BlobStore blobs =
        arguments.length > 1
            ? new FilesystemNio2BlobStore(arguments[1])
            : new TransientNio2BlobStore();
    if (!blobs.containerExists(arguments[0])) {
      blobs.createContainer(arguments[0]);
    }
    S3Proxy server =
        S3Proxy.builder()
            .blobStore(blobs)
            .endpoint(URI.create("http://127.0.0.1:0"))
            .awsAuthentication(AuthenticationType.AWS_V4, S3Server.ACCESS_KEY, S3Server.SECRET_KEY)
            .build();
    server.start();
    System.out.println(READY + server.getPort());
    while (System.in.read() >= 0) {
      // Nothing is said here; only the end counts.
    }
    System.exit(0);
  }
}
