package dev.tidemark.repository.blob.s3;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an address {@code s3://bucket/prefix?endpoint=URL&region=NAME&path-style=true} says, with
 * {@code sse=aws:kms&sse-kms-key=KEY&sse-bucket-key=true} for the encryption of what is put. What
 * it does not say is taken from where the AWS SDK looks by default: {@code AWS_ENDPOINT_URL_S3},
 * {@code AWS_REGION}, the profile.
 *
 * @param bucket the bucket's name
 * @param prefix what stands before every blob's name, without {@code '/'} at either end; may be
 *     empty
 * @param endpoint where requests go, if not to AWS; null if the address does not say
 * @param region the bucket's region; null if the address does not say
 * @param pathStyle whether the bucket is named in the path and not in the host; null for what
 *     usually works: in the path at every endpoint that was given, in the host at AWS
 * @param encryption of what is put
 */
public record S3Location(
    String bucket,
    String prefix,
    @Nullable URI endpoint,
    @Nullable String region,
    @Nullable Boolean pathStyle,
    S3Encryption encryption) {

  private static final Pattern ADDRESS =
      Pattern.compile("s3://([^/?#@]*)(?:/([^?#]*))?(?:\\?([^#]*))?");
  private static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,254}");
  private static final Pattern PREFIX =
      Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*");
  private static final Pattern REGION = Pattern.compile("[A-Za-z0-9-]+");

  public S3Location {
    if (!BUCKET.matcher(bucket).matches()) {
      throw new IllegalArgumentException(
          "repository address: bucket \"%s\": expected s3://BUCKET/PREFIX".formatted(bucket));
    }
    if (!prefix.isEmpty() && !PREFIX.matcher(prefix).matches()) {
      throw new IllegalArgumentException(
          ("repository address: prefix \"%s\": expected parts of letters, digits, '.', '_', '-'"
                  + " with '/' between them, none beginning with '.'")
              .formatted(prefix));
    }
    if (region != null && !REGION.matcher(region).matches()) {
      throw new IllegalArgumentException(
          "repository address: region=%s: expected a name such as eu-central-1".formatted(region));
    }
  }

  /** Whether this is an address of this kind, sound or not. */
  public static boolean isMeantBy(String url) {
    return url.startsWith("s3:");
  }

  /**
   * Reads an address.
   *
   * @throws IllegalArgumentException if it is not of the form above; for the user
   */
  public static S3Location parse(String url) {
    Matcher address = ADDRESS.matcher(url);
    if (!address.matches()) {
      throw new IllegalArgumentException(
          ("repository address \"%s\": expected s3://BUCKET/PREFIX, and behind it perhaps"
                  + " ?endpoint=URL&region=NAME&path-style=true. Credentials do not belong there:"
                  + " they come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or the"
                  + " host's role.")
              .formatted(hideCredentials(url)));
    }
    String prefix = address.group(2) == null ? "" : address.group(2);
    S3Location location =
        new S3Location(
            address.group(1),
            prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix,
            null,
            null,
            null,
            S3Encryption.OF_THE_BUCKET);
    if (address.group(3) != null && !address.group(3).isEmpty()) {
      for (String parameter : address.group(3).split("&", -1)) {
        location = location.with(parameter);
      }
    }
    location.encryption().requireConsistent();
    return location;
  }

  private static String hideCredentials(String url) {
    return url.replaceFirst("//[^/@]*@", "//…@");
  }

  private S3Location with(String parameter) {
    int equals = parameter.indexOf('=');
    String name = equals < 0 ? parameter : parameter.substring(0, equals);
    String value =
        equals < 0
            ? ""
            : URLDecoder.decode(parameter.substring(equals + 1), StandardCharsets.UTF_8);
    return switch (name) {
      case "endpoint" ->
          new S3Location(bucket, prefix, endpointOf(value), region, pathStyle, encryption);
      case "region" -> new S3Location(bucket, prefix, endpoint, value, pathStyle, encryption);
      case "path-style" ->
          new S3Location(bucket, prefix, endpoint, region, truth(name, value), encryption);
      case "sse" -> with(encryption.withAlgorithm(value));
      case "sse-kms-key" -> with(encryption.withKmsKey(value));
      case "sse-bucket-key" -> with(encryption.withBucketKey(truth(name, value)));
      default ->
          throw new IllegalArgumentException(
              ("repository address: parameter \"%s\": expected endpoint, region, path-style, sse,"
                      + " sse-kms-key or sse-bucket-key")
                  .formatted(name));
    };
  }

  private S3Location with(S3Encryption other) {
    return new S3Location(bucket, prefix, endpoint, region, pathStyle, other);
  }

  private static URI endpointOf(String value) {
    try {
      URI endpoint = new URI(value);
      boolean http = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
      if (http && endpoint.getHost() != null && endpoint.getUserInfo() == null) {
        return endpoint;
      }
    } catch (URISyntaxException noAddress) {
      // Told below like any other that is none.
    }
    throw new IllegalArgumentException(
        "repository address: endpoint=%s: expected https://HOST:PORT, or http://HOST:PORT"
            .formatted(hideCredentials(value)));
  }

  private static Boolean truth(String name, String value) {
    return switch (value) {
      case "true" -> Boolean.TRUE;
      case "false" -> Boolean.FALSE;
      default ->
          throw new IllegalArgumentException(
              "repository address: %s=%s: expected true or false".formatted(name, value));
    };
  }

  /** The key in the bucket of what has this name in the store. */
  String key(String name) {
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  /** The name in the store of what has this key in the bucket. */
  String name(String key) {
    return prefix.isEmpty() ? key : key.substring(prefix.length() + 1);
  }

  /** Bucket and prefix, for people. */
  URI uri() {
    return URI.create("s3://" + bucket + (prefix.isEmpty() ? "" : "/" + prefix));
  }
}
