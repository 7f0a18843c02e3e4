/** Tests of single parts of reading. */
@NullMarked
package dev.tidemark.watcher.read;

import org.jspecify.annotations.NullMarked;
