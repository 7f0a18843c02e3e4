/** Tests of the requests not to wait. */
@org.jspecify.annotations.NullMarked
package dev.tidemark.store.flush;
