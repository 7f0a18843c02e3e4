package dev.tidemark.repository.blob;

/**
 * A blob as a listing shows it.
 *
 * @param bytes its length
 * @param modifiedMillis when it was put, by the store's clock
 */
public record BlobStatus(BlobName name, long bytes, long modifiedMillis) {}
