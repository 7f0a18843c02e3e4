/** Sources of the log for tests without a broker. */
@org.jspecify.annotations.NullMarked
package dev.tidemark.store.source;
