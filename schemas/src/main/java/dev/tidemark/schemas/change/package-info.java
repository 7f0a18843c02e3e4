/**
 * The words of the log as values: trees, paths, nodes, changes and the writers' epochs. Everything
 * here is immutable and safe to share between threads; what is constructed is valid. Nothing here
 * knows Avro, Kafka or a disk.
 */
@NullMarked
package dev.tidemark.schemas.change;

import org.jspecify.annotations.NullMarked;
