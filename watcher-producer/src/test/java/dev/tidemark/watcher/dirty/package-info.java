/** Tests of the package of this name. */
@NullMarked
package dev.tidemark.watcher.dirty;

import org.jspecify.annotations.NullMarked;
