package dev.tidemark.repository.blob.s3;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.s3.LegacyMd5Plugin;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3AsyncClientBuilder;

/**
 * The clients of one store: the same connections, with two ways to treat a failure.
 *
 * <p>{@link #repeating()} is for requests that may be sent twice: reads, listings, deletions,
 * parts. It makes up to four attempts, at growing random intervals of up to five seconds. {@link
 * #once()} is for those that may not be repeated behind their caller's back, puts: a lost answer
 * must come out as such, since the repeated put would find the blob that the first one made. Only
 * what the store has refused without doing it (503, 429) is sent again.
 *
 * <p>No checksum of the SDK's own: its trailing ones are refused by older servers. Puts carry
 * Content-MD5, which every server checks, and what is read is proved by the layers above.
 */
final class S3Clients implements AutoCloseable {
  static final int MAX_CONNECTIONS = 64;

  /** A connection is open or refused within this on any line that a backup can use. */
  private static final Duration CONNECT = Duration.ofSeconds(5);

  /**
   * Silence after which a connection is given up; servers think for seconds, not for half a minute.
   */
  private static final Duration SILENCE = Duration.ofSeconds(30);

  /**
   * Connecting and agreeing on TLS. There are more connections than this process has requests at a
   * time, so nobody waits for another's; but one that is refused is now and then only noticed by
   * this.
   */
  private static final Duration ACQUIRE = CONNECT.multipliedBy(2);

  /** Shorter than the 20 s after which S3 itself closes an idle connection. */
  private static final Duration IDLE = Duration.ofSeconds(15);

  private static final int ATTEMPTS = 4;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /** The slowest line on which a transfer still counts as going on, in bytes a second. */
  private static final long SLOWEST_BYTES_PER_SECOND = 128 << 10;

  /** With endpoints that have no regions, a name is needed for signatures all the same. */
  private static final Region ANY_REGION = Region.US_EAST_1;

  /**
   * Daemons for the life of the process, shared by its stores: to end them takes two seconds of
   * quiet, which every command that reads would wait for.
   */
  private static final SdkEventLoopGroup LOOPS =
      SdkEventLoopGroup.builder()
          .numberOfThreads(2)
          .threadFactory(Thread.ofPlatform().name("s3-", 0).daemon().factory())
          .build();

  private final SdkAsyncHttpClient http;
  private final Endpoint endpoint;
  private final S3AsyncClient repeating;

  /** Made for the first put: who reads is spared the time. Guarded by this. */
  private @Nullable S3AsyncClient once;

  private S3Clients(SdkAsyncHttpClient http, Endpoint endpoint, S3AsyncClient repeating) {
    this.http = http;
    this.endpoint = endpoint;
    this.repeating = repeating;
  }

  /**
   * Makes the clients; sends nothing.
   *
   * @throws IllegalArgumentException if there is no region to be found for AWS; for the user
   */
  static S3Clients open(S3Location location) {
    SdkAsyncHttpClient http =
        NettyNioAsyncHttpClient.builder()
            .maxConcurrency(MAX_CONNECTIONS)
            .connectionTimeout(CONNECT)
            .connectionAcquisitionTimeout(ACQUIRE)
            .tlsNegotiationTimeout(CONNECT)
            .readTimeout(SILENCE)
            .writeTimeout(SILENCE)
            .connectionMaxIdleTime(IDLE)
            .tcpKeepAlive(true)
            .eventLoopGroup(LOOPS)
            .build();
    try {
      Endpoint endpoint = Endpoint.of(location, http);
      return new S3Clients(http, endpoint, client(http, endpoint, repeatWhatMayBeRepeated()));
    } catch (RuntimeException e) {
      http.close();
      throw e;
    }
  }

  private record Endpoint(@Nullable URI uri, Region region, boolean pathStyle) {
    static Endpoint of(S3Location location, SdkAsyncHttpClient http) {
      URI uri = location.endpoint() == null ? configured(http) : location.endpoint();
      boolean pathStyle = location.pathStyle() == null ? uri != null : location.pathStyle();
      return new Endpoint(uri, region(location, uri), pathStyle);
    }

    /** What environment and profile say: only a client that was made tells. */
    private static @Nullable URI configured(SdkAsyncHttpClient http) {
      try (S3AsyncClient trial =
          S3AsyncClient.builder().httpClient(http).region(ANY_REGION).build()) {
        return trial.serviceClientConfiguration().endpointOverride().orElse(null);
      }
    }

    private static Region region(S3Location location, @Nullable URI endpoint) {
      if (location.region() != null) {
        return Region.of(location.region());
      }
      try {
        return regions(endpoint).getRegion();
      } catch (SdkClientException none) {
        if (endpoint != null) {
          return ANY_REGION;
        }
        throw new IllegalArgumentException(
            ("repository at %s: no region is known. Set AWS_REGION, or add ?region=NAME to the"
                    + " address; for a store that is not AWS's add ?endpoint=URL.")
                .formatted(location.uri()),
            none);
      }
    }

    /** Elsewhere than at AWS nobody waits for the metadata service of its hosts. */
    private static AwsRegionProvider regions(@Nullable URI endpoint) {
      return endpoint == null
          ? DefaultAwsRegionProviderChain.builder().build()
          : new AwsRegionProviderChain(
              new SystemSettingsRegionProvider(), new AwsProfileRegionProvider());
    }

    String describe() {
      return uri == null ? "AWS region " + region : uri.toString();
    }
  }

  private static S3AsyncClient client(
      SdkAsyncHttpClient http, Endpoint endpoint, RetryStrategy retries) {
    S3AsyncClientBuilder builder =
        S3AsyncClient.builder()
            .httpClient(http)
            .region(endpoint.region())
            .forcePathStyle(endpoint.pathStyle())
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .addPlugin(LegacyMd5Plugin.create())
            .overrideConfiguration(override -> override.retryStrategy(retries));
    if (endpoint.uri() != null) {
      builder.endpointOverride(endpoint.uri());
    }
    return builder.build();
  }

  private static RetryStrategy repeatWhatMayBeRepeated() {
    return AwsRetryStrategy.configure(pausing(DefaultRetryStrategy.standardStrategyBuilder()))
        .maxAttempts(ATTEMPTS)
        .build();
  }

  private static RetryStrategy repeatWhatWasRefused() {
    return pausing(DefaultRetryStrategy.standardStrategyBuilder())
        .maxAttempts(ATTEMPTS)
        .retryOnException(S3Clients::wasRefused)
        .treatAsThrottling(S3Clients::wasRefused)
        .useClientDefaults(false)
        .build();
  }

  private static <B extends RetryStrategy.Builder<B, ?>> B pausing(B builder) {
    BackoffStrategy pauses = BackoffStrategy.exponentialDelay(FIRST_PAUSE, LONGEST_PAUSE);
    return builder.backoffStrategy(pauses).throttlingBackoffStrategy(pauses);
  }

  private static boolean wasRefused(Throwable failure) {
    return failure instanceof AwsServiceException answer
        && (answer.statusCode() == 503 || answer.statusCode() == 429);
  }

  /** For requests that may be sent again. */
  S3AsyncClient repeating() {
    return repeating;
  }

  /** For requests whose lost answer must not be covered by a second one. */
  synchronized S3AsyncClient once() {
    if (once == null) {
      once = client(http, endpoint, repeatWhatWasRefused());
    }
    return once;
  }

  /** Where requests go, for messages. */
  String endpoint() {
    return endpoint.describe();
  }

  /**
   * One attempt may take as long as this many bytes take on the slowest line, and the silence
   * before them; all attempts of a request that may be repeated, four times that and the pauses.
   */
  static AwsRequestOverrideConfiguration patience(long bytes) {
    Duration attempt = SILENCE.plusSeconds(bytes / SLOWEST_BYTES_PER_SECOND);
    return AwsRequestOverrideConfiguration.builder()
        .apiCallAttemptTimeout(attempt)
        .apiCallTimeout(attempt.multipliedBy(ATTEMPTS).plus(LONGEST_PAUSE.multipliedBy(ATTEMPTS)))
        .build();
  }

  @Override
  public synchronized void close() {
    repeating.close();
    if (once != null) {
      once.close();
    }
    http.close();
  }
}
