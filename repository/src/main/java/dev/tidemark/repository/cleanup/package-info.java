/**
 * Finds the bytes that nothing names any more, and frees them: mark and sweep in two phases, beside
 * writers and readers.
 *
 * <p>What is to go is announced in the repository and deleted at the earliest a grace later, by
 * whoever comes then; by then all that is still needed of it lies elsewhere, and the owner of each
 * chunk that goes has forgotten it. The argument why nothing that is needed can be lost is in
 * {@code docs/clean-up.md}. Streams; memory is bounded by a setting. For one thread; any number of
 * processes.
 */
@NullMarked
package dev.tidemark.repository.cleanup;

import org.jspecify.annotations.NullMarked;
