package dev.tidemark.repository.blob.s3;

import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.StoreFullException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;

/** Turns what the SDK throws into what the port promises, with the remedy in the message. */
final class S3Failures {
  private final S3Location location;
  private final String endpoint;

  S3Failures(S3Location location, String endpoint) {
    this.location = location;
    this.endpoint = endpoint;
  }

  /** The server's code for an error, such as {@code NoSuchKey}; empty without an answer. */
  static String code(Throwable failure) {
    if (failure instanceof AwsServiceException answer
        && answer.awsErrorDetails() != null
        && answer.awsErrorDetails().errorCode() != null) {
      return answer.awsErrorDetails().errorCode();
    }
    return "";
  }

  /** The status of the server's answer; 0 without one. */
  static int status(Throwable failure) {
    return failure instanceof AwsServiceException answer ? answer.statusCode() : 0;
  }

  /** Whether the request cannot have reached the store, so that it certainly had no effect. */
  static boolean wasNotSent(Throwable failure) {
    return find(failure, ConnectException.class).isPresent()
        || find(failure, UnknownHostException.class).isPresent()
        || find(failure, SSLException.class).isPresent()
        || isAboutConnecting(failure)
        || isAboutCredentials(failure);
  }

  /** No connection came about, for a reason that the network layer has lost. */
  private static boolean isAboutConnecting(Throwable failure) {
    return find(failure, TimeoutException.class)
        .filter(timeout -> String.valueOf(timeout.getMessage()).startsWith("Acquire operation"))
        .isPresent();
  }

  private static boolean isAboutCredentials(Throwable failure) {
    return failure instanceof SdkClientException
        && String.valueOf(failure.getMessage()).contains("load credentials");
  }

  private static <T extends Throwable> Optional<T> find(Throwable failure, Class<T> type) {
    int depth = 0;
    for (Throwable cause = failure;
        cause != null && depth < 20;
        cause = cause.getCause(), depth++) {
      if (type.isInstance(cause)) {
        return Optional.of(type.cast(cause));
      }
    }
    return Optional.empty();
  }

  /** A failure that concerns one blob. */
  IOException explain(String act, BlobName name, Throwable failure) {
    if (code(failure).equals("NoSuchKey")) {
      return new BlobMissingException(name, place(name));
    }
    return explain(act, name.value(), failure);
  }

  /** A blob's place as people know it. */
  String place(BlobName name) {
    return place(name.value());
  }

  private String place(String name) {
    return "%s/%s at %s".formatted(location.uri(), name, endpoint);
  }

  /**
   * @param name of a blob, or a folder
   */
  IOException explain(String act, String name, Throwable failure) {
    String what = "Cannot %s %s: ".formatted(act, place(name));
    int status = status(failure);
    String code = code(failure);
    if (status == 507 || List.of("QuotaExceeded", "XMinioStorageFull").contains(code)) {
      return new StoreFullException(
          what
              + "the store or its quota is full. Nothing is lost: free space or raise the quota,"
              + " and the put is repeated.",
          new IOException(failure));
    }
    return new IOException(
        what + (status > 0 ? ofAnswer(act, status, code, failure) : ofSilence(failure)), failure);
  }

  private String ofAnswer(String act, int status, String code, Throwable failure) {
    return switch (code) {
      case "NoSuchBucket" ->
          "there is no bucket \"%s\". Create it, or correct the repository's address."
              .formatted(location.bucket());
      case "AccessDenied", "AllAccessDisabled", "AccountProblem" ->
          ("access denied. The credentials in use need %s on it: docs/s3.md has the policy for each"
                  + " role.")
              .formatted(permission(act));
      case "InvalidAccessKeyId" ->
          "the store does not know the access key. Check AWS_ACCESS_KEY_ID or the profile, and that"
              + " the endpoint is the one that they belong to.";
      case "SignatureDoesNotMatch" ->
          "the secret key does not fit the access key. Check AWS_SECRET_ACCESS_KEY or the profile;"
              + " if they are right, a proxy in between changes requests.";
      case "ExpiredToken", "InvalidToken", "TokenRefreshRequired" ->
          "the session's token has expired or is not valid here. Renew the credentials.";
      case "RequestTimeTooSkewed", "RequestExpired" ->
          "this host's clock is too far from the store's. Set it by NTP.";
      case "PermanentRedirect",
          "AuthorizationHeaderMalformed",
          "IllegalLocationConstraintException",
          "TemporaryRedirect" ->
          wrongRegion(failure);
      case "SlowDown", "ServiceUnavailable", "Throttling", "RequestLimitExceeded" ->
          "the store is overloaded and refuses requests (%d %s). Run it again later."
              .formatted(status, code);
      default -> ofStatus(act, status, failure);
    };
  }

  private String ofStatus(String act, int status, Throwable failure) {
    return switch (status) {
      case 301, 307 -> wrongRegion(failure);
      case 403 ->
          ("access denied. The credentials in use need %s on it: docs/s3.md has the policy for each"
                  + " role.")
              .formatted(permission(act));
      default -> "the store answered %d: %s".formatted(status, text(failure));
    };
  }

  private static String permission(String act) {
    return switch (act) {
      case "read" ->
          "s3:GetObject (and s3:ListBucket on the bucket, or a missing blob looks like a forbidden"
              + " one)";
      case "put" -> "s3:PutObject and s3:AbortMultipartUpload";
      case "delete" -> "s3:DeleteObject";
      case "list" -> "s3:ListBucket on the bucket";
      case "look for unfinished uploads in" -> "s3:ListBucketMultipartUploads on the bucket";
      default -> "more rights";
    };
  }

  private String wrongRegion(Throwable failure) {
    Optional<String> right =
        find(failure, AwsServiceException.class)
            .filter(answer -> answer.awsErrorDetails() != null)
            .map(AwsServiceException::awsErrorDetails)
            .filter(details -> details.sdkHttpResponse() != null)
            .flatMap(
                details -> details.sdkHttpResponse().firstMatchingHeader("x-amz-bucket-region"));
    return "the bucket is in %s, not where it was asked for. Add ?region=%s to the repository's address, or set AWS_REGION. (%s)"
        .formatted(
            right.map(name -> "region " + name).orElse("another region"),
            right.orElse("NAME"),
            text(failure));
  }

  private String ofSilence(Throwable failure) {
    if (isAboutCredentials(failure)) {
      return "no credentials were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or"
          + " AWS_PROFILE, or give the host a role.";
    }
    Optional<UnknownHostException> unknown = find(failure, UnknownHostException.class);
    if (unknown.isPresent()) {
      return "the name of its host is not known (%s). Check the endpoint, and that names resolve on this host."
          .formatted(unknown.get().getMessage());
    }
    Optional<SSLException> tls = find(failure, SSLException.class);
    if (tls.isPresent()) {
      return ofTls(tls.get());
    }
    if (find(failure, ConnectException.class).isPresent() || isAboutConnecting(failure)) {
      return "nothing answers there. Check the endpoint's host and port, that the store runs, and"
          + " that no firewall is between.";
    }
    if (find(failure, ClosedChannelException.class).isPresent()) {
      return "the line was closed before an answer came."
          + (endpoint.startsWith("https:")
              ? " If nothing there speaks TLS, write http:// in the endpoint."
              : " Check that it is the address of an S3 server; a passing fault is over by now.");
    }
    return text(failure);
  }

  private static String ofTls(SSLException failure) {
    String text = String.valueOf(failure.getMessage());
    if (text.toLowerCase(Locale.ROOT).contains("not an ssl/tls record")) {
      return "it does not speak TLS. Write http:// in the endpoint if that is meant.";
    }
    return ("no trusted TLS connection (%s). If the store has a certificate of your own, put its CA"
            + " into a trust store and set"
            + " TIDEMARK_JAVA_OPTS=-Djavax.net.ssl.trustStore=FILE.")
        .formatted(text);
  }

  /** The first line: the SDK adds pages of general advice. */
  private static String text(Throwable failure) {
    return failure.getMessage() == null
        ? failure.toString()
        : failure.getMessage().lines().findFirst().orElse("");
  }
}
