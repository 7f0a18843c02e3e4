/**
 * Named, immutable bytes in a store: the lowest layer of the repository, and the only one that
 * knows where the bytes lie.
 *
 * <p>A {@link dev.tidemark.repository.blob.BlobStore} promises what a folder and an object store
 * can both do: put if absent, get, get a range, list, delete. What cuts across stores (retries,
 * metrics, faults) is a decorator. Stores are safe for use by many threads.
 */
@NullMarked
package dev.tidemark.repository.blob;

import org.jspecify.annotations.NullMarked;
