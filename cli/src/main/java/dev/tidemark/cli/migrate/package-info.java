/**
 * Reads the configuration of what Tidemark takes the place of, and says what takes the place of
 * each setting. Touches nothing but the files that are named. For one thread.
 */
@NullMarked
package dev.tidemark.cli.migrate;

import org.jspecify.annotations.NullMarked;
