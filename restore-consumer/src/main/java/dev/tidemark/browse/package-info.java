/**
 * Looks at trees without touching them: what stood where at any recorded instant. Reads the
 * repository, and beside it the log where one is reachable, so that what is not sealed yet is seen
 * too. Plain records; printing is the caller's.
 */
@NullMarked
package dev.tidemark.browse;

import org.jspecify.annotations.NullMarked;
