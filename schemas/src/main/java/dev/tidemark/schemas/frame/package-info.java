/**
 * A chunk as it travels and as it is stored: compressed once at the watcher, opaque until its bytes
 * are needed. Frames are byte arrays; the codec keeps compression contexts per thread and may be
 * called from any.
 */
@NullMarked
package dev.tidemark.schemas.frame;

import org.jspecify.annotations.NullMarked;
