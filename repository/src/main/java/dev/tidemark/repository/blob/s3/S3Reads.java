package dev.tidemark.repository.blob.s3;

import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobTooShortException;
import dev.tidemark.repository.blob.UnnamedFile;
import dev.tidemark.repository.blob.s3.Waiting.RequestFailedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;

/**
 * Reads, every one of them ranged: so a single request tells a blob's length and brings it if it is
 * small, and a large one comes in slices, several at a time, of which a broken line costs one.
 */
final class S3Reads {
  private final S3Location location;
  private final S3Clients clients;
  private final S3Failures failures;
  private final S3Limits limits;

  S3Reads(S3Location location, S3Clients clients, S3Failures failures, S3Limits limits) {
    this.location = location;
    this.clients = clients;
    this.failures = failures;
    this.limits = limits;
  }

  private interface Sink {
    void accept(long position, byte[] bytes) throws IOException;
  }

  byte[] get(BlobName name) throws IOException {
    Download first = readFirst(name);
    if (first.bytes().length == first.blobBytes()) {
      return first.bytes();
    }
    byte[] whole = Arrays.copyOf(first.bytes(), arrayLength(name, first.blobBytes()));
    readRest(
        name,
        first,
        (position, bytes) -> System.arraycopy(bytes, 0, whole, (int) position, bytes.length));
    return whole;
  }

  private int arrayLength(BlobName name, long bytes) throws IOException {
    if (bytes > Integer.MAX_VALUE - 8) {
      throw new IOException(
          "Blob at %s is %d bytes long, more than is ever put."
              .formatted(failures.place(name), bytes));
    }
    return (int) bytes;
  }

  /** What is more than a slice goes to a file without a name, and is mapped. */
  ByteBuffer view(BlobName name) throws IOException {
    Download first = readFirst(name);
    if (first.bytes().length == first.blobBytes()) {
      return ByteBuffer.wrap(first.bytes()).asReadOnlyBuffer();
    }
    try (FileChannel channel = UnnamedFile.open()) {
      write(channel, 0, first.bytes());
      readRest(name, first, (position, bytes) -> write(channel, position, bytes));
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, arrayLength(name, first.blobBytes()));
    }
  }

  private static void write(FileChannel channel, long position, byte[] bytes) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    while (rest.hasRemaining()) {
      channel.write(rest, position + rest.position());
    }
  }

  private Download readFirst(BlobName name) throws IOException {
    try {
      return Waiting.on(request(name, 0, limits.sliceBytes()));
    } catch (RequestFailedException e) {
      // Of a blob without bytes there is no first one.
      if (S3Failures.status(e.reason()) == 416) {
        return new Download(new byte[0], 0);
      }
      throw failures.explain("read", name, e.reason());
    }
  }

  private void readRest(BlobName name, Download first, Sink sink) throws IOException {
    Deque<CompletableFuture<Download>> inFlight = new ArrayDeque<>();
    long asked = first.bytes().length;
    long got = asked;
    try {
      while (got < first.blobBytes()) {
        while (asked < first.blobBytes() && inFlight.size() < limits.inFlight()) {
          int length = (int) Math.min(limits.sliceBytes(), first.blobBytes() - asked);
          inFlight.addLast(request(name, asked, length));
          asked += length;
        }
        Download next = Waiting.on(inFlight.peekFirst());
        inFlight.removeFirst();
        sink.accept(got, next.bytes());
        got += next.bytes().length;
      }
    } catch (RequestFailedException e) {
      throw failures.explain("read", name, e.reason());
    } finally {
      inFlight.forEach(request -> request.cancel(true));
    }
  }

  byte[] getRange(BlobName name, long position, int length) throws IOException {
    if (length == 0) {
      requireLength(name, position, 0);
      return new byte[0];
    }
    try {
      Download range = Waiting.on(request(name, position, length));
      if (range.bytes().length != length) {
        throw new BlobTooShortException(failures.place(name), position, length, range.blobBytes());
      }
      return range.bytes();
    } catch (RequestFailedException e) {
      if (S3Failures.status(e.reason()) == 416) {
        requireLength(name, position, length);
      }
      throw failures.explain("read", name, e.reason());
    }
  }

  private void requireLength(BlobName name, long position, int length) throws IOException {
    long actual =
        length(name).orElseThrow(() -> new BlobMissingException(name, failures.place(name)));
    if (actual - position < length) {
      throw new BlobTooShortException(failures.place(name), position, length, actual);
    }
  }

  /** By a read of one byte: a HEAD has no body, so it cannot tell why it is refused. */
  OptionalLong length(BlobName name) throws IOException {
    try {
      return OptionalLong.of(Waiting.on(request(name, 0, 1)).blobBytes());
    } catch (RequestFailedException e) {
      if (S3Failures.status(e.reason()) == 416) {
        return OptionalLong.of(0);
      }
      if (S3Failures.code(e.reason()).equals("NoSuchKey")) {
        return OptionalLong.empty();
      }
      throw failures.explain("read", name, e.reason());
    }
  }

  private CompletableFuture<Download> request(BlobName name, long position, int length) {
    return clients
        .repeating()
        .getObject(
            GetObjectRequest.builder()
                .bucket(location.bucket())
                .key(location.key(name.value()))
                .range("bytes=%d-%d".formatted(position, position + length - 1))
                .overrideConfiguration(S3Clients.patience(length))
                .build(),
            new Download.Receiver(length));
  }
}
