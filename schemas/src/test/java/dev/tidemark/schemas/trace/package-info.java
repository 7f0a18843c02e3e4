/** Tests of package topic. */
@NullMarked
package dev.tidemark.schemas.trace;

import org.jspecify.annotations.NullMarked;
