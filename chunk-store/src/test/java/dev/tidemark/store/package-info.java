/**
 * Tests of the chunk-store: its logic on a topology without broker, its crashes and restarts on a
 * real one.
 */
@org.jspecify.annotations.NullMarked
package dev.tidemark.store;
