/** Tests of the package of this name. */
@NullMarked
package dev.tidemark.watcher.chunk;

import org.jspecify.annotations.NullMarked;
