/**
 * A repository: blobs, packs, index, tree logs and snapshots under one format version, with one
 * front door, {@link dev.tidemark.repository.Repository}.
 *
 * <p>Everything that a restore needs lies here; nothing here knows Kafka or how files were
 * captured. What is written in one order (packs, index, log, snapshot) refers only to what is
 * durable before it, so a crash leaves waste and never a dangling reference. Safe for use by many
 * threads.
 */
@NullMarked
package dev.tidemark.repository;

import org.jspecify.annotations.NullMarked;
