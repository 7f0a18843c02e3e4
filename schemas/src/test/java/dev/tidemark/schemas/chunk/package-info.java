/** Tests of package chunk. */
@NullMarked
package dev.tidemark.schemas.chunk;

import org.jspecify.annotations.NullMarked;
