package dev.tidemark.repository.blob.s3;

/**
 * Where a transfer is cut.
 *
 * @param multipartBytes puts of more are uploaded in parts; packs of the usual size are smaller
 * @param partBytes of a part; S3 wants at least 5 MiB
 * @param sliceBytes of a ranged read; what is longer takes several
 * @param inFlight parts or slices of one transfer at a time: together they bound its memory
 * @param pageKeys names in one answer of a listing; S3 gives 1,000 at most
 */
record S3Limits(int multipartBytes, int partBytes, int sliceBytes, int inFlight, int pageKeys) {
  static final S3Limits DEFAULT = new S3Limits(64 << 20, 16 << 20, 8 << 20, 4, 1_000);

  /**
   * S3 takes this many parts at most; a part of the default size suffices for all that Java can
   * hold.
   */
  private static final int MAX_PARTS = 10_000;

  S3Limits {
    if (partBytes < 5 << 20
        || multipartBytes < partBytes
        || Integer.MAX_VALUE / partBytes >= MAX_PARTS
        || sliceBytes < 1
        || inFlight < 1
        || pageKeys < 1) {
      throw new IllegalArgumentException(
          "multipart from %d bytes, parts of %d, slices of %d, %d in flight, pages of %d"
              .formatted(multipartBytes, partBytes, sliceBytes, inFlight, pageKeys));
    }
  }
}
