/** Tests of package codec. */
@NullMarked
package dev.tidemark.schemas.codec;

import org.jspecify.annotations.NullMarked;
