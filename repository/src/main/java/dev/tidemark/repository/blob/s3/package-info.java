/**
 * Blobs in a bucket of S3, or of whatever else speaks its protocol and honours conditional puts.
 *
 * <p>The only package that knows the AWS SDK. {@link dev.tidemark.repository.blob.s3.S3Location} is
 * what an {@code s3://} address says, {@link dev.tidemark.repository.blob.s3.S3BlobStore} the store
 * there. Requests are asynchronous inside; callers wait on their own threads, and any number of
 * them may.
 */
@NullMarked
package dev.tidemark.repository.blob.s3;

import org.jspecify.annotations.NullMarked;
