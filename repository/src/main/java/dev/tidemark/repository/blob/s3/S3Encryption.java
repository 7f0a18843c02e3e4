package dev.tidemark.repository.blob.s3;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How the store is asked to encrypt what is put. Reading needs nothing of it: the store decrypts
 * for whoever may read and, with a key of KMS, may use the key.
 *
 * @param algorithm {@code AES256}, {@code aws:kms} or {@code aws:kms:dsse}; null to leave it to the
 *     bucket
 * @param kmsKey the key's id, alias or ARN; null for the account's own
 * @param bucketKey whether one request to KMS does for many objects; null to leave it to the bucket
 */
public record S3Encryption(
    @Nullable String algorithm, @Nullable String kmsKey, @Nullable Boolean bucketKey) {
  /** As the bucket has it. */
  public static final S3Encryption OF_THE_BUCKET = new S3Encryption(null, null, null);

  private static final Pattern ALGORITHM = Pattern.compile("AES256|aws:kms|aws:kms:dsse");
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9:/_-]+");

  public S3Encryption {
    if (algorithm != null && !ALGORITHM.matcher(algorithm).matches()) {
      throw new IllegalArgumentException(
          "repository address: sse=%s: expected AES256, aws:kms or aws:kms:dsse"
              .formatted(algorithm));
    }
    if (kmsKey != null && !KEY.matcher(kmsKey).matches()) {
      throw new IllegalArgumentException(
          "repository address: sse-kms-key=%s: expected the id, alias or ARN of a key"
              .formatted(kmsKey));
    }
  }

  /**
   * Whether the parts fit together.
   *
   * @throws IllegalArgumentException if a key is named for an encryption that has none
   */
  S3Encryption requireConsistent() {
    boolean kms = algorithm != null && algorithm.startsWith("aws:kms");
    if (!kms && (kmsKey != null || bucketKey != null)) {
      throw new IllegalArgumentException(
          ("repository address: %s goes with sse=aws:kms, not with sse=%s")
              .formatted(
                  kmsKey == null ? "sse-bucket-key" : "sse-kms-key",
                  algorithm == null ? "" : algorithm));
    }
    return this;
  }

  S3Encryption withAlgorithm(String value) {
    return new S3Encryption(value, kmsKey, bucketKey);
  }

  S3Encryption withKmsKey(String value) {
    return new S3Encryption(algorithm, value, bucketKey);
  }

  S3Encryption withBucketKey(Boolean value) {
    return new S3Encryption(algorithm, kmsKey, value);
  }
}
