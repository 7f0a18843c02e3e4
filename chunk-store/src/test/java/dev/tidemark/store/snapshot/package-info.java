@NullMarked
package dev.tidemark.store.snapshot;

import org.jspecify.annotations.NullMarked;
