/** Tests of package change. */
@NullMarked
package dev.tidemark.schemas.change;

import org.jspecify.annotations.NullMarked;
