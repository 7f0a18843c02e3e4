/**
 * What the processes that a change goes through tell of it, for somebody who looks at one change
 * instead of at sums. The ids of its trace are computed from the change, so that no process has to
 * tell another, and nothing travels with the record. Safe to share between threads.
 */
@NullMarked
package dev.tidemark.schemas.trace;

import org.jspecify.annotations.NullMarked;
