package dev.tidemark.repository.blob.s3;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStatus;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.PutOutcome;
import dev.tidemark.repository.blob.s3.Waiting.RequestFailedException;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.s3.model.Delete;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectsRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Error;

/**
 * Blobs as objects of a bucket, each under the store's prefix and its own name.
 *
 * <p>A put is one conditional request, or, for large blobs, an upload in parts with the condition
 * at its end; a put of which the answer is lost is {@link PutOutcome.Unknown}, and never repeated
 * here. Everything else is repeated where that may help. Only {@link #list} and {@link
 * #listFolders} list, and {@link #prepareForPuts} once. Safe for use by many threads.
 */
public final class S3BlobStore implements BlobStore {
  private static final Logger log = LoggerFactory.getLogger(S3BlobStore.class);

  /** An upload that lasts longer has no process any more. */
  private static final Duration LEFTOVER_AGE = Duration.ofDays(1);

  /** The most that S3 takes in one request. */
  private static final int DELETE_BATCH = 1_000;

  private final S3Location location;
  private final S3Clients clients;
  private final S3Failures failures;
  private final S3Limits limits;
  private final InstantSource clock;
  private final S3Puts puts;
  private final MultipartPuts multipart;
  private final S3Reads reads;

  private S3BlobStore(
      S3Location location, S3Clients clients, S3Limits limits, InstantSource clock) {
    this.location = location;
    this.clients = clients;
    this.limits = limits;
    this.clock = clock;
    failures = new S3Failures(location, clients.endpoint());
    puts = new S3Puts(location, clients, failures);
    multipart = new MultipartPuts(location, clients, failures, puts, limits);
    reads = new S3Reads(location, clients, failures, limits);
  }

  /**
   * Opens the store; sends no request.
   *
   * @throws IllegalArgumentException if no region is known; for the user
   */
  public static S3BlobStore open(S3Location location) {
    return open(location, S3Limits.DEFAULT, InstantSource.system());
  }

  static S3BlobStore open(S3Location location, S3Limits limits, InstantSource clock) {
    return new S3BlobStore(location, S3Clients.open(location), limits, clock);
  }

  @Override
  public void prepareForPuts() throws IOException {
    puts.requireConditions();
    multipart.removeLeftovers(clock.instant().minus(LEFTOVER_AGE));
  }

  @Override
  public PutOutcome put(BlobName name, ByteBuffer bytes) throws IOException {
    if (bytes.remaining() <= limits.multipartBytes()) {
      return puts.put(name, bytes);
    }
    return length(name).isPresent() ? new PutOutcome.AlreadyPresent() : multipart.put(name, bytes);
  }

  @Override
  public void replace(BlobName name, ByteBuffer bytes) throws IOException {
    puts.replace(name, bytes);
  }

  @Override
  public byte[] get(BlobName name) throws IOException {
    return reads.get(name);
  }

  @Override
  public boolean isRemote() {
    return true;
  }

  @Override
  public byte[] getRange(BlobName name, long position, int length) throws IOException {
    return reads.getRange(name, position, length);
  }

  @Override
  public ByteBuffer view(BlobName name) throws IOException {
    return reads.view(name);
  }

  @Override
  public OptionalLong length(BlobName name) throws IOException {
    return reads.length(name);
  }

  @Override
  public void list(String folder, Consumer<BlobStatus> onBlob) throws IOException {
    BlobStore.requireFolder(folder);
    String next = null;
    do {
      ListObjectsV2Response page = listPage(folder, null, next);
      page.contents()
          .forEach(
              found ->
                  show(found.key(), found.size(), found.lastModified().toEpochMilli(), onBlob));
      next = page.nextContinuationToken();
    } while (next != null);
  }

  private void show(String key, long bytes, long modifiedMillis, Consumer<BlobStatus> onBlob) {
    BlobName name;
    try {
      name = new BlobName(location.name(key));
    } catch (IllegalArgumentException foreign) {
      log.atDebug().addKeyValue("key", key).log("object in a repository that is no blob");
      return;
    }
    onBlob.accept(new BlobStatus(name, bytes, modifiedMillis));
  }

  @Override
  public List<String> listFolders(String folder) throws IOException {
    BlobStore.requireFolder(folder);
    TreeSet<String> names = new TreeSet<>();
    String next = null;
    do {
      ListObjectsV2Response page = listPage(folder, "/", next);
      page.commonPrefixes().forEach(found -> names.add(lastPart(found.prefix(), folder)));
      next = page.nextContinuationToken();
    } while (next != null);
    if (folder.isEmpty()) {
      names.remove(BlobName.RESERVED);
    }
    return List.copyOf(names);
  }

  private String lastPart(String found, String folder) {
    return found.substring(location.key(folder).length(), found.length() - 1);
  }

  private ListObjectsV2Response listPage(
      String folder, @Nullable String delimiter, @Nullable String next) throws IOException {
    try {
      return Waiting.on(
          clients
              .repeating()
              .listObjectsV2(
                  ListObjectsV2Request.builder()
                      .bucket(location.bucket())
                      .prefix(location.key(folder))
                      .delimiter(delimiter)
                      .maxKeys(limits.pageKeys())
                      .continuationToken(next)
                      .overrideConfiguration(S3Clients.patience(0))
                      .build()));
    } catch (RequestFailedException e) {
      throw failures.explain("list", folder, e.reason());
    }
  }

  @Override
  public void delete(BlobName name) throws IOException {
    try {
      Waiting.on(
          clients
              .repeating()
              .deleteObject(
                  DeleteObjectRequest.builder()
                      .bucket(location.bucket())
                      .key(location.key(name.value()))
                      .overrideConfiguration(S3Clients.patience(0))
                      .build()));
    } catch (RequestFailedException e) {
      if (!S3Failures.code(e.reason()).equals("NoSuchKey")) {
        throw failures.explain("delete", name, e.reason());
      }
    }
  }

  @Override
  public void deleteAll(Collection<BlobName> names) throws IOException {
    List<ObjectIdentifier> batch = new ArrayList<>();
    for (BlobName name : names) {
      batch.add(ObjectIdentifier.builder().key(location.key(name.value())).build());
      if (batch.size() == DELETE_BATCH) {
        deleteBatch(batch);
        batch.clear();
      }
    }
    if (!batch.isEmpty()) {
      deleteBatch(batch);
    }
  }

  private void deleteBatch(List<ObjectIdentifier> batch) throws IOException {
    List<S3Error> errors;
    try {
      errors =
          Waiting.on(
                  clients
                      .repeating()
                      .deleteObjects(
                          DeleteObjectsRequest.builder()
                              .bucket(location.bucket())
                              .delete(Delete.builder().objects(batch).quiet(true).build())
                              .overrideConfiguration(S3Clients.patience(0))
                              .build()))
              .errors();
    } catch (RequestFailedException e) {
      throw failures.explain("delete", "%d blobs".formatted(batch.size()), e.reason());
    }
    List<S3Error> kept =
        errors.stream().filter(error -> !"NoSuchKey".equals(error.code())).toList();
    if (!kept.isEmpty()) {
      S3Error first = kept.getFirst();
      throw new IOException(
          ("Cannot delete %d of %d blobs of %s; the first is %s: %s %s. The credentials in use need"
                  + " s3:DeleteObject on them, and no lock may be on them.")
              .formatted(
                  kept.size(),
                  batch.size(),
                  location.uri(),
                  first.key(),
                  first.code(),
                  first.message()));
    }
  }

  @Override
  public URI location() {
    return location.uri();
  }

  @Override
  public String describe(BlobName name) {
    return failures.place(name);
  }

  @Override
  public void close() {
    clients.close();
  }
}
