/** Tests of the package of this name. */
@NullMarked
package dev.tidemark.watcher.filter;

import org.jspecify.annotations.NullMarked;
