/**
 * What {@code tidemark drill} does, apart from its arguments: draws an instant, restores it into a
 * folder of its own, proves what stands there, and takes it away again. For one thread, which may
 * be interrupted.
 */
@NullMarked
package dev.tidemark.cli.drill;

import org.jspecify.annotations.NullMarked;
