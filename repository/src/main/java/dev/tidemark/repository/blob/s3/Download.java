package dev.tidemark.repository.blob.s3;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * What one read brought.
 *
 * @param bytes as many as the answer announced
 * @param blobBytes length of the whole blob
 */
record Download(byte[] bytes, long blobBytes) {

  /** Receives into one array of the announced length, without a copy in between. */
  static final class Receiver implements AsyncResponseTransformer<GetObjectResponse, Download> {
    private final long maxBytes;
    private volatile CompletableFuture<Download> result = new CompletableFuture<>();
    private volatile @Nullable GetObjectResponse response;

    /**
     * @param maxBytes what was asked for: an answer that announces more is refused
     */
    Receiver(long maxBytes) {
      this.maxBytes = maxBytes;
    }

    /** Called anew for each attempt. */
    @Override
    public CompletableFuture<Download> prepare() {
      result = new CompletableFuture<>();
      return result;
    }

    @Override
    public void onResponse(GetObjectResponse answer) {
      response = answer;
    }

    @Override
    public void onStream(SdkPublisher<ByteBuffer> publisher) {
      GetObjectResponse answer = response;
      Long announced = answer == null ? null : answer.contentLength();
      if (answer == null || announced == null || announced < 0 || announced > maxBytes) {
        publisher.subscribe(new Drain());
        result.completeExceptionally(
            new IOException(
                "the answer announces %s bytes, at most %d were asked for"
                    .formatted(announced, maxBytes)));
        return;
      }
      long blobBytes = blobBytes(answer.contentRange(), announced);
      publisher.subscribe(new Filler(new byte[announced.intValue()], blobBytes, result));
    }

    @Override
    public void exceptionOccurred(Throwable error) {
      result.completeExceptionally(error);
    }

    /** As in {@code bytes 0-99/1234}; without it the answer is the whole. */
    private static long blobBytes(@Nullable String contentRange, long announced) {
      if (contentRange == null) {
        return announced;
      }
      String total = contentRange.substring(contentRange.lastIndexOf('/') + 1);
      return total.chars().allMatch(Character::isDigit) && !total.isEmpty()
          ? Long.parseLong(total)
          : -1;
    }
  }

  private static final class Filler implements Subscriber<ByteBuffer> {
    private final byte[] bytes;
    private final long blobBytes;
    private final CompletableFuture<Download> result;
    private int filled;

    Filler(byte[] bytes, long blobBytes, CompletableFuture<Download> result) {
      this.bytes = bytes;
      this.blobBytes = blobBytes;
      this.result = result;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ByteBuffer piece) {
      int length = Math.min(piece.remaining(), bytes.length - filled);
      piece.get(bytes, filled, length);
      filled += length;
    }

    @Override
    public void onError(Throwable failure) {
      result.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      if (filled == bytes.length) {
        result.complete(new Download(bytes, blobBytes));
      } else {
        result.completeExceptionally(
            new IOException(
                "the answer ended after %d of %d bytes".formatted(filled, bytes.length)));
      }
    }
  }

  /** Lets the connection go. */
  private static final class Drain implements Subscriber<ByteBuffer> {
    @Override
    public void onSubscribe(Subscription subscription) {
      subscription.cancel();
    }

    @Override
    public void onNext(ByteBuffer piece) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onComplete() {}
  }
}
