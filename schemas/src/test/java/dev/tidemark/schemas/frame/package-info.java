/** Tests of package frame. */
@NullMarked
package dev.tidemark.schemas.frame;

import org.jspecify.annotations.NullMarked;
