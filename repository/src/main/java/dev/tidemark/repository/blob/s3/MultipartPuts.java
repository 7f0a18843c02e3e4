package dev.tidemark.repository.blob.s3;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.PutOutcome;
import dev.tidemark.repository.blob.s3.Waiting.RequestFailedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.s3.model.AbortMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompletedMultipartUpload;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsRequest;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * Puts of large blobs, in parts of which several are on the way: a broken line costs a part, not
 * the whole. The blob appears when the parts are put together, under the condition that nothing has
 * the name; stores that ignore the condition there are found by a trial before the first such put,
 * and then get large blobs in one request too.
 */
final class MultipartPuts {
  private static final Logger log = LoggerFactory.getLogger(MultipartPuts.class);

  private final S3Location location;
  private final S3Clients clients;
  private final S3Failures failures;
  private final S3Puts puts;
  private final S3Limits limits;
  private @Nullable Boolean conditionHolds;

  MultipartPuts(
      S3Location location, S3Clients clients, S3Failures failures, S3Puts puts, S3Limits limits) {
    this.location = location;
    this.clients = clients;
    this.failures = failures;
    this.puts = puts;
    this.limits = limits;
  }

  /** Puts in parts; the caller has looked that nothing has the name, to spare the transfer. */
  PutOutcome put(BlobName name, ByteBuffer bytes) throws IOException {
    puts.requireConditions();
    if (!conditionHolds()) {
      return puts.put(name, bytes);
    }
    String key = location.key(name.value());
    String upload = "";
    try {
      upload = create(key);
      List<CompletedPart> parts = uploadParts(key, upload, bytes);
      return complete(name, key, upload, parts);
    } catch (RequestFailedException e) {
      abort(key, upload);
      throw failures.explain("put", name, e.reason());
    } catch (IOException e) {
      abort(key, upload);
      throw e;
    }
  }

  private String create(String key) throws RequestFailedException, IOException {
    return Waiting.on(
            clients
                .repeating()
                .createMultipartUpload(
                    CreateMultipartUploadRequest.builder()
                        .bucket(location.bucket())
                        .key(key)
                        // Goes for all parts, and stands nowhere else.
                        .serverSideEncryption(location.encryption().algorithm())
                        .ssekmsKeyId(location.encryption().kmsKey())
                        .bucketKeyEnabled(location.encryption().bucketKey())
                        .overrideConfiguration(S3Clients.patience(0))
                        .build()))
        .uploadId();
  }

  private List<CompletedPart> uploadParts(String key, String upload, ByteBuffer bytes)
      throws RequestFailedException, IOException {
    List<CompletedPart> done = new ArrayList<>();
    Deque<CompletableFuture<UploadPartResponse>> inFlight = new ArrayDeque<>();
    try {
      for (int at = bytes.position(), number = 1; at < bytes.limit(); number++) {
        int length = Math.min(limits.partBytes(), bytes.limit() - at);
        if (inFlight.size() == limits.inFlight()) {
          done.add(part(done.size() + 1, Waiting.on(inFlight.peekFirst())));
          inFlight.removeFirst();
        }
        inFlight.addLast(uploadPart(key, upload, number, bytes.slice(at, length)));
        at += length;
      }
      while (!inFlight.isEmpty()) {
        done.add(part(done.size() + 1, Waiting.on(inFlight.peekFirst())));
        inFlight.removeFirst();
      }
      return done;
    } finally {
      inFlight.forEach(request -> request.cancel(true));
    }
  }

  private CompletableFuture<UploadPartResponse> uploadPart(
      String key, String upload, int number, ByteBuffer part) {
    return clients
        .repeating()
        .uploadPart(
            UploadPartRequest.builder()
                .bucket(location.bucket())
                .key(key)
                .uploadId(upload)
                .partNumber(number)
                .contentLength((long) part.remaining())
                .contentMD5(S3Puts.md5(part))
                .overrideConfiguration(S3Clients.patience(part.remaining()))
                .build(),
            S3Puts.body(part));
  }

  private static CompletedPart part(int number, UploadPartResponse response) {
    return CompletedPart.builder().partNumber(number).eTag(response.eTag()).build();
  }

  private PutOutcome complete(BlobName name, String key, String upload, List<CompletedPart> parts)
      throws IOException {
    try {
      sendComplete(key, upload, parts);
      return new PutOutcome.Stored();
    } catch (RequestFailedException e) {
      PutOutcome outcome = puts.outcome(name, e.reason());
      if (!(outcome instanceof PutOutcome.Unknown)) {
        abort(key, upload);
      }
      return outcome;
    }
  }

  private void sendComplete(String key, String upload, List<CompletedPart> parts)
      throws RequestFailedException, IOException {
    Waiting.on(
        clients
            .once()
            .completeMultipartUpload(
                CompleteMultipartUploadRequest.builder()
                    .bucket(location.bucket())
                    .key(key)
                    .uploadId(upload)
                    .ifNoneMatch("*")
                    .multipartUpload(CompletedMultipartUpload.builder().parts(parts).build())
                    .overrideConfiguration(S3Clients.patience(0))
                    .build()));
  }

  /** What fails here is removed a day later; the put's own failure is what its caller is told. */
  private void abort(String key, String upload) {
    if (upload.isEmpty()) {
      return;
    }
    try {
      sendAbort(key, upload);
    } catch (RequestFailedException | IOException e) {
      log.atInfo()
          .addKeyValue("key", key)
          .setCause(e)
          .log("unfinished upload not removed now; it is when a process prepares to put, a day on");
    }
  }

  private void sendAbort(String key, String upload) throws RequestFailedException, IOException {
    Waiting.on(
        clients
            .repeating()
            .abortMultipartUpload(
                AbortMultipartUploadRequest.builder()
                    .bucket(location.bucket())
                    .key(key)
                    .uploadId(upload)
                    .overrideConfiguration(S3Clients.patience(0))
                    .build()));
  }

  /**
   * Puts the marker, which is there by now, in parts: a store that honours the condition refuses.
   */
  private synchronized boolean conditionHolds() throws IOException {
    Boolean known = conditionHolds;
    if (known == null) {
      known = tryCondition();
      conditionHolds = known;
      if (!known) {
        log.atInfo()
            .addKeyValue("store", location.uri())
            .log(
                "store ignores conditions when parts are put together; large blobs go in one"
                    + " request");
      }
    }
    return known;
  }

  private boolean tryCondition() throws IOException {
    String key = location.key(S3Puts.MARKER);
    String upload = "";
    try {
      upload = create(key);
      List<CompletedPart> parts = uploadParts(key, upload, ByteBuffer.wrap(new byte[1]));
      sendComplete(key, upload, parts);
      return false;
    } catch (RequestFailedException e) {
      abort(key, upload);
      int status = S3Failures.status(e.reason());
      if (status == 412) {
        return true;
      }
      if (status == 501) {
        return false;
      }
      throw failures.explain("put", S3Puts.MARKER, e.reason());
    }
  }

  /** Removes uploads begun before an instant: whoever began them is gone. */
  void removeLeftovers(Instant before) throws IOException {
    String folder = location.key("");
    String keyMarker = null;
    String uploadMarker = null;
    boolean more = true;
    try {
      while (more) {
        ListMultipartUploadsResponse page =
            Waiting.on(
                clients
                    .repeating()
                    .listMultipartUploads(
                        ListMultipartUploadsRequest.builder()
                            .bucket(location.bucket())
                            .prefix(folder)
                            .keyMarker(keyMarker)
                            .uploadIdMarker(uploadMarker)
                            .overrideConfiguration(S3Clients.patience(0))
                            .build()));
        for (MultipartUpload upload : page.uploads()) {
          if (upload.initiated() != null && upload.initiated().isBefore(before)) {
            removeLeftover(upload);
            log.atInfo()
                .addKeyValue("key", upload.key())
                .log("unfinished upload of a crash removed");
          }
        }
        keyMarker = page.nextKeyMarker();
        uploadMarker = page.nextUploadIdMarker();
        more = Boolean.TRUE.equals(page.isTruncated()) && keyMarker != null;
      }
    } catch (RequestFailedException e) {
      int status = S3Failures.status(e.reason());
      if (status != 403 && status != 501) {
        throw failures.explain("look for unfinished uploads in", "", e.reason());
      }
      log.atInfo()
          .addKeyValue("store", location.uri())
          .log("unfinished uploads are not ours to see; let the bucket's lifecycle remove them");
    }
  }

  private void removeLeftover(MultipartUpload upload) throws RequestFailedException, IOException {
    try {
      sendAbort(upload.key(), upload.uploadId());
    } catch (RequestFailedException e) {
      // Another process has removed it.
      if (S3Failures.status(e.reason()) != 404) {
        throw e;
      }
    }
  }
}
