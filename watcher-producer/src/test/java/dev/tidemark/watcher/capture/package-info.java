@NullMarked
package dev.tidemark.watcher.capture;

import org.jspecify.annotations.NullMarked;
