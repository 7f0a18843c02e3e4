@NullMarked
package dev.tidemark.store.pack;

import org.jspecify.annotations.NullMarked;
