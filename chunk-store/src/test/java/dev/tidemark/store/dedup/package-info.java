/** Tests of single parts of the chunks side. */
@org.jspecify.annotations.NullMarked
package dev.tidemark.store.dedup;
