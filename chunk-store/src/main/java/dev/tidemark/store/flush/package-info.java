/**
 * How the catalogue asks the packing side of the same process not to wait: after the end of a scan,
 * or a tag, what was sent before it is wanted durable now. Other processes of the application learn
 * nothing of it and flush at their interval.
 */
@NullMarked
package dev.tidemark.store.flush;

import org.jspecify.annotations.NullMarked;
