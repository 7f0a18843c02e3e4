package dev.tidemark.repository.blob.s3;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.PutOutcome;
import dev.tidemark.repository.blob.UnsupportedStoreException;
import dev.tidemark.repository.blob.s3.Waiting.RequestFailedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * Puts in one request each, under the condition that nothing has the name.
 *
 * <p>Before the first of them the store is tried: a marker blob is put, under the condition, and
 * put again. A store that takes it twice ignores the condition, and would let two writers overwrite
 * each other. The marker stays, so that the next process needs a single request, and no right to
 * delete.
 */
final class S3Puts {
  static final String MARKER = BlobName.RESERVED + "/conditional-put";
  private static final int BODY_SLICE_BYTES = 256 << 10;

  /**
   * The store asks for a repetition when two puts of one name meet; they are over within seconds.
   */
  private static final int CONFLICT_ATTEMPTS = 6;

  private static final long FIRST_CONFLICT_PAUSE_MILLIS = 50;

  private final S3Location location;
  private final S3Clients clients;
  private final S3Failures failures;
  private boolean honoured;

  S3Puts(S3Location location, S3Clients clients, S3Failures failures) {
    this.location = location;
    this.clients = clients;
    this.failures = failures;
  }

  /** Tries whether the store honours conditions; after the first success this costs nothing. */
  synchronized void requireConditions() throws IOException {
    if (honoured) {
      return;
    }
    boolean made = putMarker();
    if (made && putMarker()) {
      throw new UnsupportedStoreException(refusal("took the same name twice"));
    }
    honoured = true;
  }

  private String refusal(String how) {
    return ("The store at %s (%s) does not honour conditional puts (If-None-Match: *): it %s. Two"
            + " processes could overwrite each other's blobs there, so nothing is put. docs/s3.md"
            + " names stores that do; a newer version of this one may.")
        .formatted(location.uri(), clients.endpoint(), how);
  }

  /** Whether the store took the marker. */
  private boolean putMarker() throws IOException {
    byte[] bytes =
        "put to see whether a second put of this name is refused\n"
            .getBytes(StandardCharsets.US_ASCII);
    try {
      send(MARKER, ByteBuffer.wrap(bytes));
      return true;
    } catch (RequestFailedException e) {
      int status = S3Failures.status(e.reason());
      if (isTaken(status) || isConflict(status)) {
        return false;
      }
      if (status == 501 || S3Failures.code(e.reason()).equals("NotImplemented")) {
        throw new UnsupportedStoreException(refusal("refuses them"), e.reason());
      }
      throw failures.explain("put", MARKER, e.reason());
    }
  }

  PutOutcome put(BlobName name, ByteBuffer bytes) throws IOException {
    requireConditions();
    long pause = FIRST_CONFLICT_PAUSE_MILLIS;
    for (int attempt = 1; ; attempt++) {
      try {
        send(name.value(), bytes);
        return new PutOutcome.Stored();
      } catch (RequestFailedException e) {
        boolean conflict = isConflict(S3Failures.status(e.reason()));
        if (!conflict || attempt == CONFLICT_ATTEMPTS) {
          return outcome(name, e.reason());
        }
        sleep(pause);
        pause *= 2;
      }
    }
  }

  /** Puts over what is there; the same request may be repeated. */
  void replace(BlobName name, ByteBuffer bytes) throws IOException {
    PutObjectRequest request =
        PutObjectRequest.builder()
            .bucket(location.bucket())
            .key(location.key(name.value()))
            .contentLength((long) bytes.remaining())
            .contentMD5(md5(bytes))
            .serverSideEncryption(location.encryption().algorithm())
            .ssekmsKeyId(location.encryption().kmsKey())
            .bucketKeyEnabled(location.encryption().bucketKey())
            .overrideConfiguration(S3Clients.patience(bytes.remaining()))
            .build();
    try {
      Waiting.on(clients.repeating().putObject(request, body(bytes)));
    } catch (RequestFailedException e) {
      throw failures.explain("replace", name, e.reason());
    }
  }

  private void send(String name, ByteBuffer bytes) throws RequestFailedException, IOException {
    PutObjectRequest request =
        PutObjectRequest.builder()
            .bucket(location.bucket())
            .key(location.key(name))
            .ifNoneMatch("*")
            .contentLength((long) bytes.remaining())
            .contentMD5(md5(bytes))
            .serverSideEncryption(location.encryption().algorithm())
            .ssekmsKeyId(location.encryption().kmsKey())
            .bucketKeyEnabled(location.encryption().bucketKey())
            .overrideConfiguration(S3Clients.patience(bytes.remaining()))
            .build();
    Waiting.on(clients.once().putObject(request, body(bytes)));
  }

  /**
   * What a failed put, or the completion of one, says of the blob.
   *
   * @throws IOException if nothing was put for certain
   */
  PutOutcome outcome(BlobName name, Throwable failure) throws IOException {
    int status = S3Failures.status(failure);
    if (isTaken(status)) {
      return new PutOutcome.AlreadyPresent();
    }
    if (isConflict(status)) {
      return new PutOutcome.Unknown("another put of the name goes on");
    }
    boolean refused =
        status >= 400 && status < 500 || status == 501 || status == 503 || status == 507;
    IOException explained = failures.explain("put", name, failure);
    if (refused || status > 0 && status < 400 || S3Failures.wasNotSent(failure)) {
      throw explained;
    }
    return new PutOutcome.Unknown(String.valueOf(explained.getMessage()));
  }

  private static boolean isTaken(int status) {
    return status == 412;
  }

  private static boolean isConflict(int status) {
    return status == 409;
  }

  private static void sleep(long millis) throws InterruptedIOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException stopped = new InterruptedIOException("interrupted between two puts");
      stopped.initCause(e);
      throw stopped;
    }
  }

  /**
   * In slices, because the network layer copies each buffer as a whole out of the heap. The bytes
   * must not change until the request is over.
   */
  static AsyncRequestBody body(ByteBuffer bytes) {
    List<ByteBuffer> slices = new ArrayList<>();
    int start = bytes.position();
    int end = bytes.limit();
    for (int at = start; at < end || at == start; at += BODY_SLICE_BYTES) {
      slices.add(bytes.slice(at, Math.min(BODY_SLICE_BYTES, end - at)));
    }
    return AsyncRequestBody.fromByteBuffersUnsafe(slices.toArray(ByteBuffer[]::new));
  }

  /** The server compares it with what arrived. */
  static String md5(ByteBuffer bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("MD5");
      digest.update(bytes.duplicate());
      return Base64.getEncoder().encodeToString(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has MD5", e);
    }
  }
}
