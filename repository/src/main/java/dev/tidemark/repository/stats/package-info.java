/**
 * How much a repository holds, and how much of it some chunks take. Reads listings and the index,
 * no pack.
 *
 * <p>Owned by one thread.
 */
@NullMarked
package dev.tidemark.repository.stats;

import org.jspecify.annotations.NullMarked;
