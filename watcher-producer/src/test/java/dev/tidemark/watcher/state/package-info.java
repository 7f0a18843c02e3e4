/** Tests of the package of this name. */
@NullMarked
package dev.tidemark.watcher.state;

import org.jspecify.annotations.NullMarked;
