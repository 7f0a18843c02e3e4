/**
 * What {@code tidemark retain} does, apart from its arguments: retention of the trees named, and
 * the clean-up of the repository after it. For one thread.
 */
@NullMarked
package dev.tidemark.cli.retain;

import org.jspecify.annotations.NullMarked;
