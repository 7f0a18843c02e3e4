/**
 * Per partition of the changes topic: accepts and numbers the changes of its trees, holds each back
 * until everything that it names is durable, and writes the sealed ones to the repository's log.
 * Heads are the only state; unsealed changes are a range of offsets, held in memory up to a bound
 * and read again past it and after a start. Everything runs on the task's stream thread but for
 * work on the repository and the log, whose results come back through the task's mailbox.
 */
@NullMarked
package dev.tidemark.store.catalogue;

import org.jspecify.annotations.NullMarked;
