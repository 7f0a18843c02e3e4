/** Tests of package cursor. */
@NullMarked
package dev.tidemark.schemas.cursor;

import org.jspecify.annotations.NullMarked;
